//! Post check against the limits of its network before it is sent: text length, media, settings.

use serde_json::{Map, Value};

use super::canonical_name;
use super::network_limits::{GifSupport, LIMITS, MediaLimit, NetworkLimits};
use super::network_names::display_name;

/// A post as it would be sent to one network.
#[derive(Debug)]
pub struct PostDraft<'a> {
    /// The network, by any of its names.
    pub network: &'a str,
    /// The post, then the rest of its thread.
    pub parts: Vec<PostPart<'a>>,
    /// Settings of the network, where they are known.
    pub metadata: Option<&'a Map<String, Value>>,
    /// The kind of call that sends it.
    pub call: CallKind,
}

/// One post of a thread, or the only one.
#[derive(Debug)]
pub struct PostPart<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its media, where they are known.
    pub media: Option<Vec<MediaKind>>,
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A GIF.
    Gif {
        /// Whether it has several frames.
        is_animated: bool,
    },
    /// A picture of a kind that few networks accept, with the name of its format.
    RareImage(&'static str),
    /// A video.
    Video,
    /// A PDF.
    Document,
    /// Another or an unknown kind; it only counts as a file.
    Unknown,
}

impl MediaKind {
    /// The kind for Saki's `type` of a file.
    pub fn from_type(word: &str) -> Self {
        match word {
            "image" => Self::Image,
            "video" => Self::Video,
            "document" | "pdf" => Self::Document,
            _ => Self::Unknown,
        }
    }

    /// The kind for a MIME type.
    pub fn from_mime(mime: &'static str, is_animated: bool) -> Self {
        match mime.split_once('/') {
            Some(("video", _)) => Self::Video,
            Some(("application", "pdf")) => Self::Document,
            Some(("image", "jpeg" | "png" | "webp")) => Self::Image,
            Some(("image", "gif")) => Self::Gif { is_animated },
            Some(("image", "avif")) => Self::RareImage("AVIF"),
            Some(("image", "bmp")) => Self::RareImage("BMP"),
            Some(("image", "heif")) => Self::RareImage("HEIC"),
            Some(("image", "jxl")) => Self::RareImage("JPEG XL"),
            Some(("image", "tiff")) => Self::RareImage("TIFF"),
            Some(("image", "vnd.adobe.photoshop")) => Self::RareImage("PSD"),
            Some(("image", "vnd.microsoft.icon")) => Self::RareImage("ICO"),
            Some(("image", format)) => Self::RareImage(format.trim_start_matches("x-")),
            _ => Self::Unknown,
        }
    }

    /// The likely kind for the extension of a file that is not known yet.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "jpg" | "jpeg" | "png" | "webp" => Self::Image,
            "gif" => Self::Gif { is_animated: false },
            "avif" => Self::RareImage("AVIF"),
            "bmp" => Self::RareImage("BMP"),
            "heic" | "heif" | "hif" => Self::RareImage("HEIC"),
            "ico" => Self::RareImage("ICO"),
            "psd" => Self::RareImage("PSD"),
            "tif" | "tiff" => Self::RareImage("TIFF"),
            "3g2" | "3gp" | "avi" | "m2ts" | "m4v" | "mkv" | "mov" | "mp4" | "mpeg" | "mpg"
            | "mts" | "ts" | "webm" | "wmv" => Self::Video,
            "pdf" => Self::Document,
            _ => return None,
        })
    }

    fn is_image(self) -> bool {
        matches!(self, Self::Image | Self::Gif { .. } | Self::RareImage(_))
    }
}

/// The kind of call, which decides how a finding can be fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// A create or replacement for one account.
    One,
    /// One for several accounts, each of which may have its own content.
    Several,
    /// A change of one post.
    Edit,
}

/// Findings about a post: what exceeds a limit, the limit, and the fix; without a full stop.
pub fn check_post(draft: &PostDraft<'_>) -> Vec<String> {
    let mut found: Vec<String> = draft
        .parts
        .iter()
        .flat_map(|part| part.media.iter().flatten())
        .filter_map(|kind| match kind {
            MediaKind::RareImage(format) => Some(format!(
                "a file is {} {format} picture, which few networks accept; convert it to JPEG or PNG",
                if format.starts_with(['A', 'I']) { "an" } else { "a" },
            )),
            _ => None,
        })
        .collect();
    found.dedup();
    found.extend(PostChecker::of(draft).map_or_else(Vec::new, |checker| checker.findings()));
    found
}

/// The length of each text against the limit of its network: `212 of 280 characters`; nothing for an unknown network.
pub fn text_lengths(draft: &PostDraft<'_>) -> Vec<String> {
    let of_part = |checker: &PostChecker<'_>, part: &PostPart<'_>| {
        let (count, max) = checker.length_and_max(part);
        format!("{count} of {max} {}", checker.limits.text.unit.word())
    };
    let checker = PostChecker::of(draft);
    let lengths = checker.map(|checker| {
        draft
            .parts
            .iter()
            .map(|part| of_part(&checker, part))
            .collect()
    });
    lengths.unwrap_or_default()
}

struct PostChecker<'a> {
    draft: &'a PostDraft<'a>,
    limits: &'a NetworkLimits,
    name: &'static str,
}

impl<'a> PostChecker<'a> {
    fn of(draft: &'a PostDraft<'a>) -> Option<Self> {
        let name = canonical_name(draft.network)?;
        let limits = LIMITS.iter().find(|limits| limits.network == name)?;
        Some(Self {
            draft,
            limits,
            name: display_name(limits.network),
        })
    }

    fn findings(&self) -> Vec<String> {
        let thread_length = self.draft.parts.len().saturating_sub(1);
        let checked = if self.limits.has_threads {
            thread_length + 1
        } else {
            1
        };
        let mut found = Vec::new();
        for (at, part) in self.draft.parts.iter().take(checked).enumerate() {
            let prefix = match at {
                0 => String::new(),
                at => format!("thread.{}.", at - 1),
            };
            found.extend(self.check_text(&prefix, part));
            found.extend(self.check_media(&prefix, part));
            found.extend(self.check_formats(&prefix, part));
        }
        found.extend(self.check_metadata());
        if thread_length > 0 && !self.limits.has_threads {
            found.push(format!(
                "`thread` has {}, but {} has no threads, and how Saki handles that is unknown; {}",
                counted(thread_length, "post"),
                self.name,
                self.fix("leave it out", "an empty `thread`")
            ));
        }
        found
    }

    fn length_and_max(&self, part: &PostPart<'_>) -> (usize, usize) {
        let limit = &self.limits.text;
        // Files of an unknown kind may be images, and in doubt there is no warning.
        let may_be_images = part.media.as_ref().is_none_or(|media| {
            !media.is_empty() && media.iter().all(|kind| *kind != MediaKind::Video)
        });
        let max = limit.max_with_images.filter(|_| may_be_images);
        (limit.unit.count(part.text), max.unwrap_or(limit.max))
    }

    fn check_text(&self, prefix: &str, part: &PostPart<'_>) -> Option<String> {
        let limit = &self.limits.text;
        let (count, max) = self.length_and_max(part);
        let exception = limit.exception.map(|exception| format!(" ({exception})"));
        (count > max).then(|| {
            format!(
                "`{prefix}content` has {count} of {max} {} as {} counts them{}; {}",
                limit.unit.word(),
                self.name,
                exception.unwrap_or_default(),
                self.fix("shorten it", "its own text")
            )
        })
    }

    fn check_media(&self, prefix: &str, part: &PostPart<'_>) -> Option<String> {
        let media = part.media.as_ref()?;
        let field = self.media_field();
        let limit = limit_text(self.limits.media);
        if media.is_empty() {
            let finding = format!(
                "`{prefix}{field}` has 0 files, but {} requires some ({limit}); add some",
                self.name
            );
            return self.limits.requires_media.then_some(finding);
        }
        let images = media.iter().filter(|kind| kind.is_image()).count();
        let videos = media.iter().filter(|kind| **kind == MediaKind::Video);
        let videos = videos.count();
        let fix = match max_files(self.limits.media, images, videos) {
            Some(max) if media.len() <= max => return None,
            Some(0) => "pass a video instead".to_owned(),
            Some(max) => format!("leave {} out", media.len() - max),
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
            "`{prefix}{field}` has {found}, but {} takes {limit}; {}",
            self.name,
            self.fix(&fix, "its own media")
        ))
    }

    /// Files of a kind that the network does not take, or only otherwise.
    fn check_formats(&self, prefix: &str, part: &PostPart<'_>) -> Option<String> {
        let media = part.media.as_deref().unwrap_or_default();
        let is_gif = |kind: &MediaKind| matches!(kind, MediaKind::Gif { .. });
        let animated = MediaKind::Gif { is_animated: true };
        let (found, fix) = if media.contains(&MediaKind::Document) && !self.limits.takes_pdf {
            (
                "a PDF, which {} does not take",
                "pass its pages as pictures",
            )
        } else if media.contains(&animated) && self.limits.gif == GifSupport::FirstFrame {
            (
                "an animated GIF, of which {} shows one frame",
                "pass a video instead",
            )
        } else if self.limits.gif == GifSupport::Alone
            && media.len() > 1
            && media.iter().any(is_gif)
        {
            (
                "a GIF beside other files, but {} takes a GIF only alone",
                "leave the others out",
            )
        } else {
            return None;
        };
        let found = found.replace("{}", self.name);
        let field = self.media_field();
        let fix = self.fix(fix, "its own media");
        Some(format!("`{prefix}{field}` has {found}; {fix}"))
    }

    fn media_field(&self) -> &'static str {
        match self.draft.call {
            CallKind::Edit => "media_ids",
            CallKind::One | CallKind::Several => "media",
        }
    }

    fn check_metadata(&self) -> Vec<String> {
        let Some(metadata) = self.draft.metadata else {
            return Vec::new();
        };
        let is_filled = |key: &str| match metadata.get(key) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(_) => true,
        };
        let missing = self
            .limits
            .required_metadata
            .iter()
            .filter(|(key, _)| !is_filled(key));
        let missing = missing.map(|(key, how)| {
            format!(
                "`metadata.{key}` is missing, but {} requires it; pass it ({how})",
                self.name
            )
        });
        let title = metadata.get("title").and_then(Value::as_str);
        let title = title.map(|title| title.chars().count());
        let long = self
            .limits
            .title
            .zip(title)
            .filter(|(max, length)| length > max);
        let long = long.map(|(max, length)| {
            format!(
                "`metadata.title` has {length} of {max} characters on {}; {}",
                self.name,
                self.fix("shorten it", "its own title")
            )
        });
        missing.chain(long).collect()
    }

    fn fix(&self, first: &str, own: &str) -> String {
        match self.draft.call {
            CallKind::Several => format!("{first}, or give {} {own} in `per_account`", self.name),
            CallKind::One | CallKind::Edit => first.to_owned(),
        }
    }
}

/// The maximum number of files with these images and videos; nothing where these exclude each other.
fn max_files(media: MediaLimit, images: usize, videos: usize) -> Option<usize> {
    match (media, images, videos) {
        (MediaLimit::Mixed(max), ..) => Some(max),
        (MediaLimit::Either { images, videos }, 0, 0) => Some(images.max(videos)),
        (MediaLimit::Either { images, .. }, _, 0) => Some(images),
        (MediaLimit::Either { videos, .. }, 0, _) => Some(videos),
        (MediaLimit::Either { .. }, ..) => None,
    }
}

fn limit_text(media: MediaLimit) -> String {
    match media {
        MediaLimit::Mixed(max) => format!("up to {max} images and videos"),
        MediaLimit::Either { images: 0, videos } => counted(videos, "video"),
        MediaLimit::Either { images, videos } => format!(
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
