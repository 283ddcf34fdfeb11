//! Social networks: what they are called, and what each takes; findings are warnings, since Saki decides.

mod check;
mod count;
mod links;
mod names;
mod table;

pub use check::{Call, Draft, Kind, Part, check};
pub use names::{both_names, common_name, network};
pub use table::{Sources, sources};
