//! The worlds that a sandbox can start with, believable and relative to its clock.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use super::accounts::Account;
use super::door::second;
use super::media::Media;
use super::options::World;
use super::posts::{Post, Status};
use super::slots::Slot;
use super::spaces::Space;
use super::store::State;
use super::webhooks::Webhook;

mod acme;
mod large;
mod north;

/// A world at its present.
pub(super) fn world(world: World, now: Timestamp) -> State {
    let mut seed = Seed {
        state: State::new(),
        now: second(now),
        space_id: 0,
        zone: TimeZone::UTC,
    };
    if world != World::Empty {
        acme::plant(&mut seed);
        north::plant(&mut seed);
    }
    if world == World::Large {
        large::plant(&mut seed);
    }
    seed.state
}

/// A world in the making; what is added goes to the space that was opened last.
struct Seed {
    state: State,
    now: Timestamp,
    space_id: u64,
    zone: TimeZone,
}

/// One call's worth of posts: an account each, the same text.
struct Cluster<'a> {
    accounts: &'a [u64],
    /// The parts of a thread; mostly one.
    parts: &'a [&'a str],
    media: &'a [u64],
    metadata: Value,
    at: Option<Timestamp>,
}

impl Seed {
    fn space(&mut self, name: &str, timezone: &str) {
        let made = self.ago(60);
        self.zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        self.space_id = self.state.spaces.add(|id| Space {
            id,
            name: name.to_owned(),
            timezone: timezone.to_owned(),
            created_at: made,
            updated_at: made,
        });
    }

    fn account(&mut self, social: &str, display_name: &str, handler: &str) -> u64 {
        let (space_id, created_at) = (self.space_id, self.ago(58));
        let boards: &[(&str, &str)] = match social {
            "pinterest" => &[
                ("brew-guides", "Brew guides"),
                ("cafe-corners", "Café corners"),
            ],
            _ => &[],
        };
        self.state.accounts.add(|id| Account {
            id,
            space_id,
            social: social.to_owned(),
            display_name: display_name.to_owned(),
            handler: handler.to_owned(),
            is_active: true,
            boards: boards
                .iter()
                .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
                .collect(),
            created_at,
        })
    }

    fn media(&mut self, name: &str, mime: &str, size: u64, alt: &str) -> u64 {
        let created_at = self.ago(5);
        let kind = mime.split('/').next().unwrap_or_default().to_owned();
        self.state.media.add(|id| Media {
            id,
            kind,
            name: name.to_owned(),
            mime: mime.to_owned(),
            width: Some(1080),
            height: Some(1350),
            size,
            alt: Some(alt.to_owned()),
            created_at,
        })
    }

    fn slot(&mut self, weekday: &str, time: &str) {
        let space_id = self.space_id;
        let timezone = self.zone.iana_name().unwrap_or("UTC").to_owned();
        self.state.slots.add(|id| Slot {
            id,
            space_id,
            weekday: json!(weekday),
            time: time.to_owned(),
            timezone,
        });
    }

    fn webhook(&mut self, url: &str, events: &[&str]) {
        let (space_id, made) = (self.space_id, self.ago(40));
        self.state.webhooks.add(|id| Webhook {
            id,
            space_id,
            url: url.to_owned(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            is_active: true,
            created_at: made,
            updated_at: made,
        });
    }

    /// So many days before now.
    fn ago(&self, days: i64) -> Timestamp {
        self.now
            .checked_sub((days * 24).hours())
            .unwrap_or(self.now)
    }

    /// A time of day in the space's time zone, so many days from today.
    fn day(&self, days: i64, hour: i8, minute: i8) -> Option<Timestamp> {
        let today = self.now.to_zoned_datetime(self.zone.clone()).date();
        let day = today.checked_add(days.days()).ok()?;
        let zoned = day
            .at(hour, minute, 0, 0)
            .to_zoned_datetime(self.zone.clone())
            .ok()?;
        Some(zoned.timestamp())
    }

    /// A text for accounts at a time: published when the time has passed, a draft without one.
    fn post(
        &mut self,
        accounts: &[u64],
        at: Option<Timestamp>,
        text: &str,
        media: &[u64],
    ) -> Vec<u64> {
        self.cluster(&Cluster {
            accounts,
            parts: &[text],
            media,
            metadata: Value::Null,
            at,
        })
    }

    fn cluster(&mut self, wanted: &Cluster<'_>) -> Vec<u64> {
        let cluster_id = self.state.next_cluster();
        let mut firsts = Vec::new();
        for account_id in wanted.accounts {
            let mut first = None;
            for (order, text) in (0..).zip(wanted.parts) {
                let part = self.part(wanted, &cluster_id, *account_id, order, text, first);
                let id = self.state.posts.add(|id| Post { id, ..part });
                match first.and_then(|first| self.state.posts.get_mut(first)) {
                    Some(first) => first.children.push(id),
                    None => first = Some(id),
                }
            }
            firsts.extend(first);
        }
        firsts
    }

    fn part(
        &self,
        wanted: &Cluster<'_>,
        cluster_id: &str,
        account_id: u64,
        order: u64,
        text: &str,
        parent_id: Option<u64>,
    ) -> Post {
        let status = match wanted.at {
            None => Status::Draft,
            Some(at) if at > self.now => Status::Scheduled,
            Some(_) => Status::Published,
        };
        let published_at = wanted.at.filter(|_| status == Status::Published);
        let made = self.ago(6);
        let reach = 400 + account_id * 37 + text.len() as u64 * 3;
        Post {
            id: 0,
            space_id: self.space_id,
            account_id,
            cluster_id: cluster_id.to_owned(),
            parent_id,
            order,
            children: Vec::new(),
            content: text.to_owned(),
            status,
            scheduled_at: wanted.at,
            published_at,
            metadata: wanted.metadata.as_object().cloned(),
            media: if order == 0 {
                wanted.media.to_vec()
            } else {
                Vec::new()
            },
            imported: false,
            analytics: match published_at {
                None => Value::Null,
                Some(_) => {
                    json!({"impressions": reach, "likes": reach / 19, "comments": reach / 140})
                }
            },
            created_at: made.min(wanted.at.unwrap_or(made)),
            updated_at: made.max(published_at.unwrap_or(made)),
        }
    }

    /// Makes the post one that the network refused.
    fn fail(&mut self, id: u64, why: &str) {
        if let Some(post) = self.state.posts.get_mut(id) {
            post.status = Status::Failed;
            post.published_at = None;
            post.analytics = Value::Null;
            let metadata = post.metadata.get_or_insert_with(Map::new);
            metadata.insert("error".to_owned(), json!(why));
        }
    }
}
