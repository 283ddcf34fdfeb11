//! How the cost of a call grows with posts, spaces, accounts, calls in flight, the size of a reply and of an upload.

use std::fmt;
use std::io::Write;
use std::time::Instant;

use anyhow::Context;

use crate::calls::READS;
use crate::child::Server;
use crate::figures::number;
use crate::subject::Subject;
use crate::upstream::{VIDEO_HEADER, World};
use crate::{large, stdio};

/// Times that each point is measured; the median counts.
const TIMES: usize = 5;

/// A curve: what is done, and the milliseconds it takes at each size.
#[derive(Debug)]
pub(crate) struct Curve {
    /// Of the picture.
    pub(crate) file: &'static str,
    pub(crate) name: &'static str,
    pub(crate) size: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

impl fmt::Display for Curve {
    /// As a Markdown table of two lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |pick: fn(&(f64, f64)) -> f64| {
            let cells = self.points.iter().map(|point| number(pick(point)));
            cells.collect::<Vec<_>>().join(" | ")
        };
        writeln!(f, "| {} | {} |", self.size, row(|point| point.0))?;
        writeln!(f, "|---|{}", "--:|".repeat(self.points.len()))?;
        writeln!(f, "| {}, ms | {} |", self.name, row(|point| point.1))
    }
}

pub(crate) fn measure(subjects: &[Subject], upstream: &str) -> anyhow::Result<Vec<Curve>> {
    let saki_mcp = subjects.iter().find(|subject| subject.is_saki_mcp());
    let saki_mcp = saki_mcp.context("this server is always measured")?;
    let call = |tool, arguments: &'static str, word| {
        move |address: String| milliseconds(saki_mcp, &address, (tool, arguments, word))
    };
    let search = call(
        "list_posts",
        r#"{"space_id":1,"search":"plum cake"}"#,
        "plum cake",
    );
    let page = call("list_posts", r#"{"space_id":1}"#, "plum cake");
    let overview = call("get_overview", "{}", "Space 1");
    let usual = World {
        spaces: 1,
        accounts: 10,
        posts: 100,
        posts_per_page: 100,
    };
    Ok(vec![
        Curve {
            file: "posts",
            name: "list_posts, a search through all",
            size: "posts in the space",
            points: points([100, 1_000, 10_000, 100_000], |posts| {
                search(World { posts, ..usual }.address(upstream))
            })?,
        },
        Curve {
            file: "spaces",
            name: "get_overview",
            size: "spaces",
            points: points([1, 5, 20, 50, 200], |spaces| {
                overview(World { spaces, ..usual }.address(upstream))
            })?,
        },
        Curve {
            file: "accounts",
            name: "get_overview",
            size: "accounts",
            points: points([10, 50, 200, 1_000, 2_000], |accounts| {
                overview(World { accounts, ..usual }.address(upstream))
            })?,
        },
        Curve {
            file: "reply",
            name: "list_posts, a page",
            size: "rows of 0.75 kB on the page",
            points: points([2, 15, 100, 1_000, 10_000, 21_000], |rows| {
                let world = World {
                    posts: rows,
                    posts_per_page: rows,
                    ..usual
                };
                page(world.address(upstream))
            })?,
        },
        Curve {
            file: "in_flight",
            name: "get_subscription over stdio, 2,000 calls",
            size: "calls in flight",
            points: points([1, 4, 16, 64, 250, 1_000], |width| {
                in_flight(saki_mcp, upstream, width as usize)
            })?,
        },
        Curve {
            file: "upload",
            name: "upload_media by its path",
            size: "MB of the file",
            points: points([1, 10, 100, 500, 2_000], |size| {
                uploaded(saki_mcp, upstream, size)
            })?,
        },
    ])
}

fn points<const N: usize>(
    sizes: [u64; N],
    measure: impl Fn(u64) -> anyhow::Result<f64>,
) -> anyhow::Result<Vec<(f64, f64)>> {
    let point = |size: u64| {
        let mut times = (0..TIMES)
            .map(|_| measure(size))
            .collect::<anyhow::Result<Vec<_>>>()?;
        times.sort_unstable_by(f64::total_cmp);
        Ok((size as f64, times[TIMES / 2]))
    };
    sizes.into_iter().map(point).collect()
}

/// The second call of a new server: the first one connects and fills the look-up cache.
fn milliseconds(
    subject: &Subject,
    upstream: &str,
    (tool, arguments, word): (&str, &str, &str),
) -> anyhow::Result<f64> {
    let (mut server, _) = Server::initialized(subject, upstream, &[])?;
    server.call(tool, arguments, word)?;
    let start = Instant::now();
    server.call(tool, arguments, word)?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn in_flight(subject: &Subject, upstream: &str, width: usize) -> anyhow::Result<f64> {
    let (mut server, _) = Server::initialized(subject, upstream, &[])?;
    let [read, _] = READS;
    server.call(read.tool, read.arguments, read.word)?;
    Ok(stdio::seconds(&mut server, read, 2_000, width)? * 1e3)
}

fn uploaded(subject: &Subject, upstream: &str, megabytes: u64) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut video = std::fs::File::create(folder.path().join("film.mp4"))?;
    video.write_all(VIDEO_HEADER)?;
    video.set_len(megabytes * 1_000_000)?;
    let folder = folder.path().to_string_lossy().into_owned();
    let (mut server, _) = Server::initialized(subject, upstream, &["--media-dir", &folder])?;
    Ok(large::upload(&mut server, r#"{"path":"film.mp4"}"#, megabytes * 1_000_000)? * 1e3)
}
