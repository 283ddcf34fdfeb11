//! Router: the routes of all resources, and the dispatch of a request to its handler.

use std::sync::OnceLock;

use super::api_request::ApiRequest;
use super::api_response::{ApiError, HandlerResult};
use super::database::Database;
use super::records::{Model, StoredSpace};
use super::route_table::{Route, RouteTable};
use super::{accounts, media, posts, queue, slots, spaces, subscription, webhooks};

/// The routes of all resources.
pub(super) fn routes() -> &'static RouteTable {
    static ROUTES: OnceLock<RouteTable> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let mut routes = RouteTable::default();
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

/// Calls the handler of a route, after a check of the space in its path.
pub(super) fn dispatch(route: &Route, db: &mut Database, request: &ApiRequest) -> HandlerResult {
    if route.path_template.contains("{space_id}") {
        let space_id = request.space_id();
        if db.foreign_spaces.contains(&space_id) {
            return Err(ApiError::Forbidden);
        }
        if db.spaces.get(space_id).is_none() {
            return Err(request.not_found(StoredSpace::NAME, "space_id"));
        }
    }
    (route.handler)(db, request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use rstest::rstest;

    fn found(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
        let (route, params) = routes().find(method, path).ok()?;
        let values = params.into_iter().map(|(_, value)| value).collect();
        Some((route.path_template, values))
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
    fn an_unknown_path_has_no_route(#[case] path: &str) {
        let found = routes().find(&Method::GET, path);
        assert!(matches!(found, Err(ApiError::RouteNotFound { .. })));
    }

    #[test]
    fn another_method_is_refused_with_the_supported_ones() {
        let found = routes().find(&Method::PATCH, "/spaces/1");
        let Err(ApiError::MethodNotAllowed { supported, .. }) = found else {
            panic!("found a route");
        };
        assert_eq!(supported, ["GET", "HEAD", "PUT", "DELETE"]);
    }

    #[test]
    fn all_26_endpoints_of_the_reference_are_mounted_once() {
        let mounted = routes().mounted();
        let mut endpoints: Vec<String> = mounted
            .iter()
            .map(|route| format!("{} {}", route.method, route.path_template))
            .collect();
        endpoints.sort();
        endpoints.dedup();
        assert_eq!((mounted.len(), endpoints.len()), (26, 26));
    }
}
