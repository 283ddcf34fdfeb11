//! When a post goes out: from what an agent wrote to one instant, or a sentence why not.
