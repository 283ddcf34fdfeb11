//! The tools, one folder per resource.

mod accounts;
mod lists;
mod media;
mod overview;
mod posts;
mod queue;
mod slots;
mod spaces;
mod subscription;
mod webhooks;
