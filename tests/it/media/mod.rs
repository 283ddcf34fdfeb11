//! Media: fetching, uploading, reuse, progress and cancellation.

mod arbitrary_file_names;
mod attachments;
mod cancelled_uploads;
mod edited_files;
mod fetch;
mod fetch_limits;
mod formats;
mod paths;
mod progress;
mod reused_uploads;
