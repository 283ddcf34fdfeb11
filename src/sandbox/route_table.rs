//! Route table: maps the method and path of each request type to a route handler.

use http::Method;
use percent_encoding::percent_decode_str;

use super::api_request::{ApiRequest, PathParams};
use super::api_response::{ApiError, HandlerResult};
use super::database::Database;
use crate::saki::Endpoint;

/// Validates a request, then changes the database.
pub(super) type RouteHandler = fn(&mut Database, &ApiRequest) -> HandlerResult;

/// One route.
pub(super) struct Route {
    method: Method,
    pub(super) path_template: &'static str,
    pub(super) handler: RouteHandler,
}

/// Description of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedRoute {
    /// HTTP method.
    pub method: Method,
    /// Path below `/api`, with parameters in braces.
    pub path_template: String,
}

/// All routes of the API.
#[derive(Default)]
pub(super) struct RouteTable(Vec<Route>);

/// A route, and the path parameters of one request to it.
pub(super) type RouteMatch<'a> = (&'a Route, PathParams);

impl RouteTable {
    /// Mounts a handler at the method and path of a request type.
    pub(super) fn mount<E: Endpoint>(&mut self, handler: RouteHandler) {
        self.0.push(Route {
            method: E::METHOD,
            path_template: E::PATH,
            handler,
        });
    }

    /// Descriptions of all routes.
    pub(super) fn mounted(&self) -> Vec<MountedRoute> {
        let mounted = self.0.iter().map(|route| MountedRoute {
            method: route.method.clone(),
            path_template: route.path_template.to_owned(),
        });
        mounted.collect()
    }

    /// Matches a method and a raw path below `/api`.
    pub(super) fn find(&self, method: &Method, path: &str) -> Result<RouteMatch<'_>, ApiError> {
        // Laravel decodes the whole path before it splits it, so `%2F` becomes a separator.
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let segments: Vec<&str> = decoded.trim_matches('/').split('/').collect();
        let mut supported = Vec::new();
        for route in &self.0 {
            let Some(path_params) = match_template(route.path_template, &segments) else {
                continue;
            };
            let is_head = route.method == Method::GET && method == Method::HEAD;
            if route.method == *method || is_head {
                return Ok((route, path_params));
            }
            supported.push(route.method.to_string());
            if route.method == Method::GET {
                supported.push("HEAD".to_owned());
            }
        }
        let path = format!("api/{}", segments.join("/"));
        match supported.is_empty() {
            true => Err(ApiError::RouteNotFound { path }),
            false => Err(ApiError::MethodNotAllowed {
                method: method.to_string(),
                path,
                supported,
            }),
        }
    }
}

fn match_template(template: &'static str, segments: &[&str]) -> Option<PathParams> {
    let expected: Vec<&'static str> = template.split('/').skip(1).collect();
    if expected.len() != segments.len() {
        return None;
    }
    let mut params = Vec::new();
    for (expected, segment) in expected.into_iter().zip(segments) {
        let name = expected
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        match name {
            Some(name) if !segment.is_empty() => params.push((name, (*segment).to_owned())),
            Some(_) => return None,
            None if expected == *segment => {}
            None => return None,
        }
    }
    Some(params)
}
