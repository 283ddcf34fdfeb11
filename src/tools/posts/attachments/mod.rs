//! The files of posts: what was uploaded before stands in the request by its id, and what is yet to be uploaded by a number that Saki never gives.

pub(in crate::tools::posts) mod pending;

use serde_json::{Map, Value, json};

use crate::saki::MediaId;
use crate::saki::posts::MediaRef;
use crate::tools::media::{FileArgs, PendingUpload, SourceFile};
use crate::tools::posts::args::{CreatePostArgs, MediaItem};
use crate::tools::posts::attachments::pending::{TO_COME, Uploads};
use crate::tools::{Failure, Tools};
use crate::write::completed_uploads::UploadKey;
use crate::write::media::{FileIdentity, MediaSource};

/// The files of one call, each once.
#[derive(Debug)]
pub(in crate::tools::posts) struct Files<'a> {
    known: Vec<(&'a MediaItem, MediaRef)>,
    /// What was opened: one file may be named twice, under other names.
    opened: Vec<(FileIdentity, Option<&'a str>, MediaRef)>,
    pub(in crate::tools::posts) uploads: Uploads,
}

impl Tools {
    /// Opens, judges and remembers what a call names as files; nothing is fetched or uploaded.
    pub(in crate::tools::posts) async fn files<'a>(
        &self,
        asked: &'a CreatePostArgs,
    ) -> Result<Files<'a>, Failure> {
        let mut files = Files {
            known: Vec::new(),
            opened: Vec::new(),
            uploads: Uploads::default(),
        };
        for (place, item) in asked.files() {
            if files.known.iter().all(|(known, _)| *known != item) {
                let media = self.file(&place, item, &mut files).await?;
                files.known.push((item, media));
            }
        }
        Ok(files)
    }

    async fn file<'a>(
        &self,
        place: &str,
        item: &'a MediaItem,
        files: &mut Files<'a>,
    ) -> Result<MediaRef, Failure> {
        let given = FileArgs {
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
        let file = self.uploader.open_source(place, given).await?;
        let (identity, alt) = (file.source.identity(), item.alt.as_deref());
        let mut opened = files.opened.iter();
        if let Some((.., media)) = opened.find(|(known, its, _)| *known == identity && *its == alt)
        {
            return Ok(media.clone());
        }
        let media = self.to_upload(file, identity.clone(), item, &mut files.uploads);
        files.opened.push((identity, alt, media.clone()));
        Ok(media)
    }

    /// The file as it will be.
    fn to_upload(
        &self,
        file: SourceFile,
        identity: FileIdentity,
        item: &MediaItem,
        uploads: &mut Uploads,
    ) -> MediaRef {
        let origin = UploadKey {
            idempotency_key: String::new(),
            identity,
            name: file.source.planned_upload().name,
            alt: item.alt.clone(),
        };
        let kind = match &file.source {
            MediaSource::Local(opened, _) => opened.media_type(),
            MediaSource::Remote { .. } => "",
        };
        let kind = kind.to_owned();
        let alt = item.alt.as_ref();
        uploads.to_come.push(PendingUpload {
            file,
            more: Map::from_iter(alt.map(|alt| ("alt".to_owned(), json!(alt)))),
            origin: Some(origin),
        });
        let index = uploads.to_come.len() - 1;
        MediaRef {
            id: MediaId(TO_COME + index as u64),
            kind,
        }
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
                    "{} is no id of Saki's; upload_media uploads a file and returns its id.",
                    id.0
                ),
            ));
        }
        Ok(self.saki.media_ref(id))
    }
}

impl Files<'_> {
    /// What stands in a request for files that the call named.
    pub(in crate::tools::posts) fn of(&self, media: &[MediaItem]) -> Vec<MediaRef> {
        let found = |item| {
            let known = self.known.iter().find(|(known, _)| *known == item);
            known.map(|(_, media)| media.clone())
        };
        media.iter().filter_map(found).collect()
    }
}

impl Uploads {
    /// Puts what will be uploaded into the places of a shown request where its ids will stand.
    pub(in crate::tools::posts) fn show_in(&self, shown: &mut Value) {
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
