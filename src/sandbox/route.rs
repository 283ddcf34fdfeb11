//! The addresses of the sandbox: each is the method and path that a request type declares.

use std::sync::OnceLock;

use http::Method;
use percent_encoding::percent_decode_str;

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::store::State;
use super::{accounts, media, posts, queue, slots, spaces, subscription, webhooks};
use crate::saki::Endpoint;

/// What stands behind an address: it judges the call, then changes the state.
pub(super) type Handler = fn(&mut State, &Call) -> Result<Answer, Refusal>;

/// One mounted address.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) template: &'static str,
    fields: fn() -> Vec<String>,
    pub(super) handler: Handler,
}

/// An address that the sandbox answers at, for tests that compare it with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    /// The HTTP method.
    pub method: Method,
    /// The path below `/api`, with fields in braces.
    pub path_template: String,
    /// Names of the fields of the request type, those of the path among them.
    pub fields: Vec<String>,
}

/// All mounted addresses.
#[derive(Default)]
pub(super) struct Routes(Vec<Route>);

impl Routes {
    /// The addresses of all resources.
    pub(super) fn all() -> &'static Self {
        static ALL: OnceLock<Routes> = OnceLock::new();
        ALL.get_or_init(|| {
            let mut routes = Self::default();
            spaces::mount(&mut routes);
            posts::mount(&mut routes);
            accounts::mount(&mut routes);
            media::mount(&mut routes);
            slots::mount(&mut routes);
            queue::mount(&mut routes);
            webhooks::mount(&mut routes);
            subscription::mount(&mut routes);
            routes
        })
    }

    /// Puts a handler at the address of a request type.
    pub(super) fn mount<E: Endpoint>(&mut self, handler: Handler) {
        self.0.push(Route {
            method: E::METHOD,
            template: E::PATH,
            fields: fields_of::<E>,
            handler,
        });
    }

    pub(super) fn mounted(&self) -> Vec<Mounted> {
        let mounted = self.0.iter().map(|route| Mounted {
            method: route.method.clone(),
            path_template: route.template.to_owned(),
            fields: (route.fields)(),
        });
        mounted.collect()
    }

    /// The route of a raw path below `/api`, and what stands in the fields of its template.
    pub(super) fn find(&self, method: &Method, path: &str) -> Result<Matched<'_>, Refusal> {
        // Laravel decodes the whole path before it looks for separators, so `%2F` becomes one.
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let segments: Vec<&str> = decoded.trim_matches('/').split('/').collect();
        let mut supported = Vec::new();
        for route in &self.0 {
            let Some(fields) = fill(route.template, &segments) else {
                continue;
            };
            let is_read = route.method == Method::GET && method == Method::HEAD;
            if route.method == *method || is_read {
                return Ok((route, fields));
            }
            supported.push(route.method.to_string());
            if route.method == Method::GET {
                supported.push("HEAD".to_owned());
            }
        }
        let path = format!("api/{}", segments.join("/"));
        match supported.is_empty() {
            true => Err(Refusal::NoRoute { path }),
            false => Err(Refusal::Method {
                method: method.to_string(),
                path,
                supported,
            }),
        }
    }
}

/// A route, and the path fields of one call to it.
pub(super) type Matched<'a> = (&'a Route, Vec<(&'static str, String)>);

fn fill(template: &'static str, segments: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let steps: Vec<&'static str> = template.split('/').skip(1).collect();
    if steps.len() != segments.len() {
        return None;
    }
    let mut fields = Vec::new();
    for (step, segment) in steps.into_iter().zip(segments) {
        let name = step
            .strip_prefix('{')
            .and_then(|step| step.strip_suffix('}'));
        match name {
            Some(name) if !segment.is_empty() => fields.push((name, (*segment).to_owned())),
            Some(_) => return None,
            None if step == *segment => {}
            None => return None,
        }
    }
    Some(fields)
}

fn fields_of<E: Endpoint>() -> Vec<String> {
    let schema = schemars::SchemaGenerator::default().into_root_schema_for::<E>();
    let properties = schema.get("properties").and_then(|names| names.as_object());
    properties.map_or_else(Vec::new, |names| names.keys().cloned().collect())
}

/// Checks the space of a path, then lets the route answer.
pub(super) fn answer(route: &Route, state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    if call.path.iter().any(|(name, _)| *name == "space_id") {
        let space_id = call.text("space_id").parse().unwrap_or(0);
        if state.foreign_spaces.contains(&space_id) {
            return Err(Refusal::Forbidden);
        }
        if state.spaces.get(space_id).is_none() {
            return Err(call.missing("Space", "space_id"));
        }
    }
    (route.handler)(state, call)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn found(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
        let (route, fields) = Routes::all().find(method, path).ok()?;
        let values = fields.into_iter().map(|(_, value)| value).collect();
        Some((route.template, values))
    }

    #[rstest]
    #[case("/spaces/1/posts/7", &["1", "7"])]
    #[case("/spaces/1/posts/7/", &["1", "7"])]
    #[case("/spaces/%31/posts/a%20b", &["1", "a b"])]
    #[case("/spaces%2F1/posts%2f7", &["1", "7"])]
    fn a_path_is_decoded_before_it_is_split(#[case] path: &str, #[case] fields: &[&str]) {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        let template = "/spaces/{space_id}/posts/{post_id}";
        assert_eq!(found(&Method::GET, path), Some((template, fields)));
    }

    #[rstest]
    #[case("/spaces/1/posts/7%2F8")]
    #[case("/spaces//posts")]
    #[case("/")]
    #[case("")]
    #[case("/space")]
    fn a_path_that_is_mounted_nowhere_has_no_route(#[case] path: &str) {
        let found = Routes::all().find(&Method::GET, path);
        assert!(matches!(found, Err(Refusal::NoRoute { .. })));
    }

    #[test]
    fn another_method_is_answered_with_those_that_are_supported() {
        let found = Routes::all().find(&Method::PATCH, "/spaces/1");
        let Err(Refusal::Method { supported, .. }) = found else {
            panic!("found a route");
        };
        assert_eq!(supported, ["GET", "HEAD", "PUT", "DELETE"]);
    }

    #[test]
    fn all_26_endpoints_of_the_reference_are_mounted_once() {
        let mounted = Routes::all().mounted();
        let mut addresses: Vec<String> = mounted
            .iter()
            .map(|at| format!("{} {}", at.method, at.path_template))
            .collect();
        addresses.sort();
        addresses.dedup();
        assert_eq!((mounted.len(), addresses.len()), (26, 26));
    }

    #[test]
    fn the_fields_of_an_address_are_those_of_its_request_type() {
        let mounted = Routes::all().mounted();
        let create = mounted
            .iter()
            .find(|at| at.method == Method::POST && at.path_template == "/spaces/{space_id}/posts");
        assert_eq!(
            create.unwrap().fields,
            ["space_id", "at", "is_draft", "items"]
        );
    }

    #[test]
    fn every_field_of_a_path_is_a_field_of_its_request_type() {
        for at in Routes::all().mounted() {
            let steps = at.path_template.split('/');
            for name in steps.filter_map(|step| step.strip_prefix('{')?.strip_suffix('}')) {
                assert!(at.fields.iter().any(|field| field == name), "{at:?}");
            }
        }
    }
}
