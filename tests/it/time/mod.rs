//! Times of posts: how they are written, understood and kept.

mod cluster_scheduled_at;
mod create_scheduled_at;
