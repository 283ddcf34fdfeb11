//! File arguments: a file is given by a path, a URL or its content.

use super::Uploader;
use crate::saki::{MediaId, redact_url};
use crate::tools::{Failure, UploadPaths};
use crate::write::media::{FileIdentity, MediaSource, OpenFile, decode_base64, open_path};
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
    ) -> Result<SourceFile, Failure> {
        let field = |name: &str| match place {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        };
        let (field, source) = if let Some(path) = given.path {
            let field = field("path");
            let source = self.open_path_source(&field, path, given.filename).await?;
            (field, source)
        } else if let Some(data) = given.data {
            let field = field("data");
            let source = open_data_source(&field, data, given.filename)?;
            (field, source)
        } else {
            let (field, url) = (field("url"), given.url.unwrap_or_default());
            let source = match is_data(url) {
                true => open_data_source(&field, url, given.filename)?,
                false => self.check_url_source(&field, url, given.filename).await?,
            };
            (field, source)
        };
        Ok(SourceFile { field, source })
    }

    async fn open_path_source(
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
