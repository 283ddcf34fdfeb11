//! File arguments: a file is given by a path, a URL or its content.

use std::path::{Path, PathBuf};

use super::Uploader;
use crate::saki::release_memory::release_after;
use crate::saki::{MediaId, redact_url};
use crate::tools::interpretations::Interpretations;
use crate::tools::{Failure, UploadPaths};
use crate::write::media::{
    CHAT_PLACE, FileIdentity, FileReference, MediaSource, OpenFile, decode_base64, open_path,
};
use crate::write::quote_text::quote_truncated;

/// A file as an agent names it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FileArgs<'a> {
    pub(crate) path: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    pub(crate) data: Option<&'a str>,
    pub(crate) filename: Option<&'a str>,
}

/// A file that was named and may go out.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// The parameter that named it.
    pub(crate) field: String,
    pub(crate) source: MediaSource,
}

impl FileArgs<'_> {
    /// Checks that exactly one source is given; if not, the error says which ones were.
    pub(crate) fn check_one_source(&self, media_id: Option<MediaId>) -> Result<(), String> {
        let given = [
            ("path", self.path.is_some()),
            ("url", self.url.is_some()),
            ("data", self.data.is_some()),
            ("media_id", media_id.is_some()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        match *given.map(|(name, _)| name).collect::<Vec<_>>() {
            [_] => Ok(()),
            [] => Err("no file was given".to_owned()),
            ref several => Err(format!("`{}` were given", several.join("` and `"))),
        }
    }
}

impl Uploader {
    /// Opens or judges the file of which exactly one name was given; `place` is where, such as "media.0", or nothing.
    pub(crate) async fn open_source(
        &self,
        place: &str,
        given: FileArgs<'_>,
        interpretations: &Interpretations,
    ) -> Result<SourceFile, Failure> {
        let field = |name: &str| match place {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        };
        let (name, text) = match (given.path, given.data) {
            (Some(path), _) => ("path", path),
            (None, Some(data)) => ("data", data),
            (None, None) => ("url", given.url.unwrap_or_default()),
        };
        let (field, filename) = (field(name), given.filename);
        let source = match (FileReference::of(text), name) {
            (FileReference::Url(url), _) => {
                if name != "url" {
                    interpretations.record(&field, &redact_url(url), "`url`");
                }
                self.check_url_source(&field, url, filename).await?
            }
            (FileReference::Data, _) | (_, "data") => open_data_source(&field, text, filename)?,
            (FileReference::ChatPlace, _) => {
                let refused = self.path_refusal(text, CHAT_PLACE);
                return Err(Failure::argument(&field, refused));
            }
            (FileReference::Path, "url") => {
                // A URL without its scheme looks like a relative path.
                match self.open_path_source(text, filename).await {
                    Ok((source, path)) => {
                        interpretations.record(&field, text, path.display());
                        source
                    }
                    Err(_) => self.check_url_source(&field, text, filename).await?,
                }
            }
            (FileReference::Path | FileReference::ClearlyPath, _) => {
                let opened = self.open_path_source(text, filename).await;
                let (source, path) = opened.map_err(|why| Failure::argument(&field, why))?;
                if name == "url" || Path::new(text) != path {
                    interpretations.record(&field, text, path.display());
                }
                source
            }
        };
        Ok(SourceFile { field, source })
    }

    /// The file at a path, and the path as it was read.
    async fn open_path_source(
        &self,
        path: &str,
        filename: Option<&str>,
    ) -> Result<(MediaSource, PathBuf), String> {
        let UploadPaths::Below(roots) = self.settings.upload_paths.clone() else {
            return Err("files are not read over HTTP, where the path would be one of another machine. Pass the file as `data`, or as `url`.".to_owned());
        };
        let (given, filename) = (path.to_owned(), filename.map(str::to_owned));
        let opened =
            tokio::task::spawn_blocking(move || open_path(&given, &roots, filename.as_deref()));
        let opened = opened
            .await
            .unwrap_or_else(|_| Err("cannot be read".to_owned()));
        let (source, read_as) = opened.map_err(|why| self.path_refusal(path, &why))?;
        Ok((source, read_as.unwrap_or_else(|| PathBuf::from(path))))
    }

    /// Why a path was refused, and what may be passed instead.
    fn path_refusal(&self, path: &str, why: &str) -> String {
        let path = quote_truncated(path);
        let UploadPaths::Below(roots) = &self.settings.upload_paths else {
            return format!(
                "the file {path} {why}. Pass its content as `data`, or a public address as `url`."
            );
        };
        let roots: Vec<String> = roots
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        let allowed = match roots.is_empty() {
            true => "No file is read by path here".to_owned(),
            false => format!("Files are read below {}", roots.join(", ")),
        };
        format!(
            "the file {path} {why}. {allowed}; otherwise pass the content as `data`, or a public address as `url`."
        )
    }

    async fn check_url_source(
        &self,
        field: &str,
        url: &str,
        filename: Option<&str>,
    ) -> Result<MediaSource, Failure> {
        let filename = filename.map(str::to_owned);
        match self.fetcher.check_url(url).await {
            Ok(url) => Ok(MediaSource::Remote { url, filename }),
            Err(why) => Err(Failure::argument(
                field,
                format!("the address {} {why}.", quote_truncated(&redact_url(url))),
            )),
        }
    }
}

fn open_data_source(
    field: &str,
    data: &str,
    filename: Option<&str>,
) -> Result<MediaSource, Failure> {
    let opened = decode_base64(data).and_then(|bytes| {
        release_after(bytes.len());
        let identity = FileIdentity::in_memory(&bytes);
        let opened = OpenFile::in_memory(bytes, filename.unwrap_or_default())?;
        Ok(MediaSource::Local(opened, identity))
    });
    opened.map_err(|why| Failure::argument(field, format!("the content {why}.")))
}
