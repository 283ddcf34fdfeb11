//! Attachments: the files of posts, each already in Saki or uploaded before the posts are sent.

pub(crate) mod pending;
mod planned_media;

use std::sync::Arc;

use serde_json::{Map, json};

use crate::saki::MediaId;
use crate::tools::media::{FileArgs, PendingUpload};
use crate::tools::posts::args::{CreatePostArgs, MediaItem};
use crate::tools::posts::attachments::pending::Uploads;
use crate::tools::{Failure, Tools, is_blank};

pub(crate) use planned_media::PlannedMedia;

/// The files of one call, each once.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    known: Vec<(&'a MediaItem, PlannedMedia)>,
    pub(crate) uploads: Uploads,
}

impl Tools {
    /// Opens and checks the files of a call, each once; it fetches and uploads nothing.
    pub(crate) async fn files<'a>(&self, args: &'a CreatePostArgs) -> Result<Files<'a>, Failure> {
        self.files_of(args.files()).await
    }

    /// The same with each file by its path in the arguments.
    pub(crate) async fn files_of<'a>(
        &self,
        items: Vec<(String, &'a MediaItem)>,
    ) -> Result<Files<'a>, Failure> {
        let mut files = Files {
            known: Vec::new(),
            uploads: Uploads::default(),
        };
        for (place, item) in items {
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
    ) -> Result<PlannedMedia, Failure> {
        let given = FileArgs {
            path: item.path.as_deref(),
            url: item.url.as_deref(),
            data: item.data.as_deref(),
            filename: item.filename.as_deref(),
        };
        given.check_one_source(item.media_id).map_err(|why| {
            let next = "pass exactly one of `media_id`, `path`, `url` and `data`.";
            Failure::argument(place, format!("{why}; {next}"))
        })?;
        if let Some(id) = item.media_id {
            return self.uploaded_before(place, id, item);
        }
        let alt = item.alt.as_deref().filter(|alt| !is_blank(alt));
        let file = self
            .uploader
            .open_source(place, given, &self.interpretations)
            .await?;
        let identity = file.source.identity();
        // One file may be named twice, under other names.
        let is_same = |pending: &&Arc<PendingUpload>| {
            pending.file.source.identity() == identity && pending.alt() == alt
        };
        if let Some(pending) = uploads.pending.iter().find(is_same) {
            return Ok(PlannedMedia::Pending(Arc::clone(pending)));
        }
        let pending = Arc::new(PendingUpload {
            file,
            more: Map::from_iter(alt.map(|alt| ("alt".to_owned(), json!(alt)))),
        });
        uploads.pending.push(Arc::clone(&pending));
        Ok(PlannedMedia::Pending(pending))
    }

    fn uploaded_before(
        &self,
        place: &str,
        id: MediaId,
        item: &MediaItem,
    ) -> Result<PlannedMedia, Failure> {
        let of_upload = [
            ("filename", item.filename.is_some()),
            ("alt", item.alt.as_deref().is_some_and(|alt| !is_blank(alt))),
        ];
        if let Some((name, _)) = of_upload.iter().find(|(_, given)| *given) {
            return Err(Failure::argument(
                &format!("{place}.{name}"),
                "it belongs to a new upload, and Saki takes none for an uploaded file. Upload the file again with it, by `path`, `url` or `data` instead of `media_id`, or leave it out.",
            ));
        }
        Ok(PlannedMedia::Stored(self.saki.media_ref(id)))
    }
}

impl Files<'_> {
    /// What stands in a request for files that the call named.
    pub(crate) fn plan(&self, media: &[MediaItem]) -> Vec<PlannedMedia> {
        let found = |item| {
            let known = self.known.iter().find(|(known, _)| *known == item);
            known.map(|(_, media)| media.clone())
        };
        media.iter().filter_map(found).collect()
    }
}
