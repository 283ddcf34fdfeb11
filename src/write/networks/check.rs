//! What a network will say of a post, before it is asked.

use serde_json::{Map, Value};

use super::names::called;
use super::network;
use super::table::{RULES, Rules, Takes};

/// A post as it goes out to one network.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The network, by any of its names.
    pub network: &'a str,
    /// The post, then the rest of its thread.
    pub parts: Vec<Part<'a>>,
    /// Settings of the network; none where they are not known.
    pub metadata: Option<&'a Map<String, Value>>,
    /// How it was asked for.
    pub call: Call,
}

/// One post of a thread, or the only one.
#[derive(Debug)]
pub struct Part<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its media; none where they are not known.
    pub media: Option<Vec<Kind>>,
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A picture.
    Image,
    /// A video.
    Video,
    /// Another one, or one that is not known; it only counts as a file.
    Unknown,
}

impl Kind {
    /// The kind that Saki's `type` of a file means.
    pub fn of(word: &str) -> Self {
        match word {
            "image" => Self::Image,
            "video" => Self::Video,
            _ => Self::Unknown,
        }
    }
}

/// How a post was asked for, which decides what can be done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// For one account.
    One,
    /// For several accounts, each of which may have its own.
    Several,
    /// As a change of one post.
    Edit,
}

/// What the network will say of a post: what was found, what it takes, and what to do; without a full stop.
pub fn check(draft: &Draft<'_>) -> Vec<String> {
    let name = network(draft.network);
    let rules = RULES.iter().find(|rules| Some(rules.network) == name);
    rules.map_or_else(Vec::new, |rules| {
        let name = called(rules.network);
        Check { draft, rules, name }.findings()
    })
}

struct Check<'a> {
    draft: &'a Draft<'a>,
    rules: &'a Rules,
    name: &'static str,
}

impl Check<'_> {
    fn findings(&self) -> Vec<String> {
        let further = self.draft.parts.len().saturating_sub(1);
        let seen = if self.rules.has_threads {
            further + 1
        } else {
            1
        };
        let mut found = Vec::new();
        for (at, part) in self.draft.parts.iter().take(seen).enumerate() {
            let place = match at {
                0 => String::new(),
                at => format!("thread.{}.", at - 1),
            };
            found.extend(self.text(&place, part));
            found.extend(self.media(&place, part));
        }
        found.extend(self.metadata());
        if further > 0 && !self.rules.has_threads {
            found.push(format!(
                "`thread` has {}, and {} has no threads, so what Saki makes of it is not known; {}",
                counted(further, "post"),
                self.name,
                self.fix("leave it out", "an empty `thread`")
            ));
        }
        found
    }

    fn text(&self, place: &str, part: &Part<'_>) -> Option<String> {
        let rules = &self.rules.text;
        // Files of an unknown kind may be images, and in doubt nobody is warned.
        let may_be_images = part
            .media
            .as_ref()
            .is_none_or(|media| !media.is_empty() && media.iter().all(|kind| *kind != Kind::Video));
        let most = rules.beside_images.filter(|_| may_be_images);
        let most = most.unwrap_or(rules.most);
        let count = rules.unit.count(part.text);
        let unless = rules.unless.map(|unless| format!(" ({unless})"));
        (count > most).then(|| {
            format!(
                "`{place}content` has {count} of {most} {} as {} counts them{}; {}",
                rules.unit.word(),
                self.name,
                unless.unwrap_or_default(),
                self.fix("shorten it", "its own text")
            )
        })
    }

    fn media(&self, place: &str, part: &Part<'_>) -> Option<String> {
        let media = part.media.as_ref()?;
        let field = match self.draft.call {
            Call::Edit => "media_ids",
            Call::One | Call::Several => "media",
        };
        let takes = takes(self.rules.media);
        if media.is_empty() {
            let refusal = format!(
                "`{place}{field}` has 0 files, and {} takes no post without ({takes}); add some",
                self.name
            );
            return self.rules.needs_media.then_some(refusal);
        }
        let many = |kind: Kind| media.iter().filter(|known| **known == kind).count();
        let (images, videos) = (many(Kind::Image), many(Kind::Video));
        let fix = match most(self.rules.media, images, videos) {
            Some(most) if media.len() <= most => return None,
            Some(0) => "pass a video instead".to_owned(),
            Some(most) => format!("leave {} out", media.len() - most),
            None => "leave out the images or the videos".to_owned(),
        };
        let found = match (images, videos) {
            (images, 0) if images == media.len() => counted(images, "image"),
            (0, videos) if videos == media.len() => counted(videos, "video"),
            (images, videos) if images + videos == media.len() => {
                format!(
                    "{} and {}",
                    counted(images, "image"),
                    counted(videos, "video")
                )
            }
            _ => counted(media.len(), "file"),
        };
        Some(format!(
            "`{place}{field}` has {found}, and {} takes {takes}; {}",
            self.name,
            self.fix(&fix, "its own media")
        ))
    }

    fn metadata(&self) -> Vec<String> {
        let Some(metadata) = self.draft.metadata else {
            return Vec::new();
        };
        let is_filled = |key: &str| match metadata.get(key) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(_) => true,
        };
        let missing = self.rules.needs.iter().filter(|(key, _)| !is_filled(key));
        let missing = missing.map(|(key, how)| {
            format!(
                "`metadata.{key}` is missing, and {} needs it; pass it ({how})",
                self.name
            )
        });
        let title = metadata.get("title").and_then(Value::as_str);
        let title = title.map(|title| title.chars().count());
        let long = self.rules.title.zip(title).filter(|(most, has)| has > most);
        let long = long.map(|(most, has)| {
            format!(
                "`metadata.title` has {has} of {most} characters on {}; {}",
                self.name,
                self.fix("shorten it", "its own title")
            )
        });
        missing.chain(long).collect()
    }

    fn fix(&self, first: &str, own: &str) -> String {
        match self.draft.call {
            Call::Several => format!("{first}, or give {} {own} in `per_account`", self.name),
            Call::One | Call::Edit => first.to_owned(),
        }
    }
}

/// How many files may be there beside known images and videos; none where these exclude each other.
fn most(media: Takes, images: usize, videos: usize) -> Option<usize> {
    match (media, images, videos) {
        (Takes::Mixed(most), ..) => Some(most),
        (Takes::Either { images, videos }, 0, 0) => Some(images.max(videos)),
        (Takes::Either { images, .. }, _, 0) => Some(images),
        (Takes::Either { videos, .. }, 0, _) => Some(videos),
        (Takes::Either { .. }, ..) => None,
    }
}

fn takes(media: Takes) -> String {
    match media {
        Takes::Mixed(most) => format!("up to {most} images and videos"),
        Takes::Either { images: 0, videos } => counted(videos, "video"),
        Takes::Either { images, videos } => format!(
            "up to {} or {}",
            counted(images, "image"),
            counted(videos, "video")
        ),
    }
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests;
