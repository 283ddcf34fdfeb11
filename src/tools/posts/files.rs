//! The files of posts: what was uploaded before stands in the request by its id, and what is yet to be uploaded by a number that Saki never gives.

use serde_json::{Map, Value, json};

use super::asked::{Asked, MediaItem};
use super::uploads::Uploads;
use crate::saki::MediaId;
use crate::saki::posts::MediaRef;
use crate::tools::media::{Given, ToUpload};
use crate::tools::{Failure, Tools};
use crate::write::media::Source;
use crate::write::uploaded::Origin;

/// The request's type is the wire's, so a file without an id has one from here on until it is uploaded.
pub(super) const TO_COME: u64 = 1 << 63;

/// The files of one call, each once.
#[derive(Debug)]
pub(super) struct Files<'a> {
    known: Vec<(&'a MediaItem, MediaRef)>,
    pub(super) uploads: Uploads,
}

impl Tools {
    /// Opens, judges and remembers what a call names as files; nothing is fetched or uploaded.
    pub(super) async fn files<'a>(&self, asked: &'a Asked) -> Result<Files<'a>, Failure> {
        let mut files = Files {
            known: Vec::new(),
            uploads: Uploads::default(),
        };
        for (place, item) in asked.files() {
            if files.known.iter().all(|(known, _)| *known != item) {
                let media = self.file(&place, item, &mut files.uploads).await?;
                files.known.push((item, media));
            }
        }
        Ok(files)
    }

    async fn file(
        &self,
        place: &str,
        item: &MediaItem,
        uploads: &mut Uploads,
    ) -> Result<MediaRef, Failure> {
        let given = Given {
            path: item.path.as_deref(),
            url: item.url.as_deref(),
            data: item.data.as_deref(),
            filename: item.filename.as_deref(),
        };
        let mut named = given.named();
        named.extend(item.media_id.map(|_| "media_id"));
        if named.len() != 1 {
            let what = match named.is_empty() {
                true => "it names no file".to_owned(),
                false => format!("`{}` were given", named.join("` and `")),
            };
            return Err(Failure::argument(
                place,
                format!("{what}; pass exactly one of `media_id`, `path`, `url` and `data`."),
            ));
        }
        if let Some(id) = item.media_id {
            return self.uploaded_before(place, id, item);
        }
        let file = self.found(place, given).await?;
        let origin = Origin {
            whose: self.saki.whose(),
            identity: file.source.identity(),
            name: file.source.upload().name,
            alt: item.alt.clone(),
        };
        if let Some(media) = self.uploaded.find(&origin, self.settings.clock.now()) {
            uploads.found.push((origin.name, media.clone()));
            return Ok(media);
        }
        let kind = match &file.source {
            Source::Here(opened, _) => opened.word(),
            Source::Elsewhere { .. } => "",
        };
        let same = |known: &ToUpload| known.origin.as_ref() == Some(&origin);
        let index = uploads.to_come.iter().position(same);
        let index = index.unwrap_or_else(|| {
            let alt = item.alt.as_ref();
            uploads.to_come.push(ToUpload {
                file,
                more: Map::from_iter(alt.map(|alt| ("alt".to_owned(), json!(alt)))),
                origin: Some(origin),
            });
            uploads.to_come.len() - 1
        });
        Ok(MediaRef {
            id: MediaId(TO_COME + index as u64),
            kind: kind.to_owned(),
        })
    }

    fn uploaded_before(
        &self,
        place: &str,
        id: MediaId,
        item: &MediaItem,
    ) -> Result<MediaRef, Failure> {
        let of_upload = [
            ("filename", item.filename.is_some()),
            ("alt", item.alt.is_some()),
        ];
        if let Some((name, _)) = of_upload.iter().find(|(_, given)| *given) {
            return Err(Failure::argument(
                &format!("{place}.{name}"),
                "it is said of a file when it is uploaded, and `media_id` names one that was; leave it out.",
            ));
        }
        if id.0 >= TO_COME {
            return Err(Failure::argument(
                &format!("{place}.media_id"),
                format!(
                    "{} is no id of Saki's; upload_media makes a file and returns its id.",
                    id.0
                ),
            ));
        }
        Ok(self.saki.media_ref(id))
    }
}

impl Files<'_> {
    /// What stands in a request for files that the call named.
    pub(super) fn of(&self, media: &[MediaItem]) -> Vec<MediaRef> {
        let found = |item| {
            let known = self.known.iter().find(|(known, _)| *known == item);
            known.map(|(_, media)| media.clone())
        };
        media.iter().filter_map(found).collect()
    }
}

impl Uploads {
    /// Puts what will be uploaded into the places of a shown request where its ids will stand.
    pub(super) fn show_in(&self, shown: &mut Value) {
        match shown {
            Value::Object(fields) => {
                let id = fields.get("id").and_then(Value::as_u64);
                let index = id.and_then(|id| id.checked_sub(TO_COME));
                let file = index.and_then(|index| self.to_come.get(usize::try_from(index).ok()?));
                if let Some(file) = file {
                    let mut told = Map::new();
                    for (name, value) in file.shown().as_object().into_iter().flatten() {
                        let name = if name == "name" { "upload" } else { name };
                        told.insert(name.to_owned(), value.clone());
                    }
                    let kind = fields.get("type").filter(|kind| **kind != "");
                    told.extend(kind.map(|kind| ("type".to_owned(), kind.clone())));
                    *shown = Value::Object(told);
                    return;
                }
                fields.values_mut().for_each(|value| self.show_in(value));
            }
            Value::Array(items) => items.iter_mut().for_each(|value| self.show_in(value)),
            _ => {}
        }
    }
}
