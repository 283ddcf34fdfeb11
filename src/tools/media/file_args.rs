//! A file as an agent names it: by a path, an address or its content, one of them.

use super::Uploader;
use crate::saki::redact_url;
use crate::tools::{Failure, UploadPaths};
use crate::write::media::{FileIdentity, MediaSource, OpenFile, decode_base64, open_path};
use crate::write::quote_text::quote_truncated;

/// A file as an agent names it.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::tools) struct FileArgs<'a> {
    pub(in crate::tools) path: Option<&'a str>,
    pub(in crate::tools) url: Option<&'a str>,
    pub(in crate::tools) data: Option<&'a str>,
    pub(in crate::tools) filename: Option<&'a str>,
}

/// A file that was named and may go out.
#[derive(Debug, Clone)]
pub(in crate::tools) struct SourceFile {
    /// The parameter that named it.
    pub(in crate::tools) field: String,
    pub(in crate::tools) source: MediaSource,
}

impl FileArgs<'_> {
    /// The names of what was given.
    pub(in crate::tools) fn named(&self) -> Vec<&'static str> {
        let given = [("path", self.path), ("url", self.url), ("data", self.data)];
        let named = given.into_iter().filter(|(_, given)| given.is_some());
        named.map(|(name, _)| name).collect()
    }
}

impl Uploader {
    /// Opens or judges the file of which exactly one name was given; `place` is where, such as "media.0", or nothing.
    pub(in crate::tools) async fn open_source(
        &self,
        place: &str,
        given: FileArgs<'_>,
    ) -> Result<SourceFile, Failure> {
        let field = |name: &str| match place {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        };
        let (field, source) = if let Some(path) = given.path {
            let field = field("path");
            let source = self.of_path(&field, path, given.filename).await?;
            (field, source)
        } else if let Some(data) = given.data {
            let field = field("data");
            let source = of_data(&field, data, given.filename)?;
            (field, source)
        } else {
            let (field, url) = (field("url"), given.url.unwrap_or_default());
            let source = match is_data(url) {
                true => of_data(&field, url, given.filename)?,
                false => self.of_url(&field, url, given.filename).await?,
            };
            (field, source)
        };
        Ok(SourceFile { field, source })
    }

    async fn of_path(
        &self,
        field: &str,
        path: &str,
        filename: Option<&str>,
    ) -> Result<MediaSource, Failure> {
        let UploadPaths::Below(roots) = self.settings.upload_paths.clone() else {
            return Err(Failure::argument(
                field,
                "files are not read over HTTP, where the path would be one of another machine. Pass the file as `data`, or as `url`.",
            ));
        };
        let (given, filename) = (path.to_owned(), filename.map(str::to_owned));
        let opened =
            tokio::task::spawn_blocking(move || open_path(&given, &roots, filename.as_deref()));
        match opened.await {
            Ok(opened) => opened.map_err(|why| {
                Failure::argument(field, format!("the file {} {why}.", quote_truncated(path)))
            }),
            Err(_) => Err(Failure::internal()),
        }
    }

    async fn of_url(
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

fn of_data(field: &str, data: &str, filename: Option<&str>) -> Result<MediaSource, Failure> {
    let opened = decode_base64(data).and_then(|bytes| {
        let identity = FileIdentity::in_memory(&bytes);
        let opened = OpenFile::in_memory(bytes, filename.unwrap_or_default())?;
        Ok(MediaSource::Local(opened, identity))
    });
    opened.map_err(|why| Failure::argument(field, format!("the content {why}.")))
}

fn is_data(url: &str) -> bool {
    let start = url.trim_start().get(..5);
    start.is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}
