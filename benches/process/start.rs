//! Start: the time to the answer to `initialize`, the memory of an idle server, and the size of its list of tools.

use crate::child::{Server, UNTIL_IDLE};
use crate::figures::{Figures, Unit};
use crate::subject::{Kind, Subject};

pub(crate) fn measure(subject: &Subject, upstream: &str) -> anyhow::Result<Figures> {
    if matches!(subject.kind, Kind::Direct) {
        return Ok(Vec::new());
    }
    let (mut server, took) = Server::initialized(subject, upstream, &[])?;
    std::thread::sleep(UNTIL_IDLE);
    let idle = server.memory();
    let tools = server.ask(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)?;
    let (http, _) = Server::listening(subject, upstream)?;
    std::thread::sleep(UNTIL_IDLE);

    let ms = took.as_secs_f64() * 1e3;
    let mut figures = vec![(
        "start to the first answer".to_owned(),
        Unit::Milliseconds,
        ms,
    )];
    for (name, idle) in [("stdio", idle), ("HTTP", http.memory())] {
        figures.extend(idle.map(|idle| (format!("idle memory, {name}"), Unit::Mebibytes, idle)));
    }
    let size = tools.trim_end().len() as f64;
    figures.push(("tools/list".to_owned(), Unit::Bytes, size));
    Ok(figures)
}
