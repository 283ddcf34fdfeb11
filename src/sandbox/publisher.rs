//! Publisher: publishes each scheduled post when its time has come.

use jiff::Timestamp;

use super::database::Database;
use super::records::PostStatus;

impl Database {
    /// Publishes every scheduled post that is due; a post whose account is inactive fails instead.
    pub(super) fn publish_due(&mut self, now: Timestamp) {
        if now < self.next_due {
            return;
        }
        self.next_due = Timestamp::MAX;
        for post in self.posts.values_mut() {
            if post.status != PostStatus::Scheduled {
                continue;
            }
            match post.scheduled_at {
                Some(at) if at <= now => match self.accounts.get(post.account_id) {
                    Some(account) if !account.is_active => {
                        post.fail(&format!("@{} is not active.", account.handler), at);
                    }
                    _ => post.publish(at),
                },
                Some(at) => self.next_due = self.next_due.min(at),
                None => {}
            }
        }
    }

    /// Lets the publisher look for due posts at `at` or earlier.
    pub(super) fn wake_publisher_at(&mut self, at: Timestamp) {
        self.next_due = self.next_due.min(at);
    }
}
