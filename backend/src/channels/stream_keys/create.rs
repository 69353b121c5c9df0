//! `POST /api/v1/channels/{slug}/stream-keys`: a key is made and shown, once.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use sluice_domain::Role;
use sluice_domain::channel::{KEY_LABEL, MAX_KEYS};
use sluice_store::stream_keys;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::channels::access::managed;
use crate::error::{Error, Problem};
use crate::http::address::{Addresses, Ingest};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::time::rfc3339;
use crate::state::AppState;
use crate::{clock, random};

/// The key that is wanted.
#[derive(Deserialize, ToSchema)]
#[schema(as = stream_key::Request)]
pub struct Request {
    /// What its owner calls it, 1 to 60 characters.
    #[schema(example = "OBS at home", min_length = 1, max_length = 60)]
    label: String,
}

/// A new stream key. The secret is in no other answer, ever.
#[derive(Serialize, ToSchema)]
pub struct NewStreamKey {
    /// Its id.
    #[schema(example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    id: String,
    /// What its owner calls it.
    #[schema(example = "OBS at home")]
    label: String,
    /// The secret: the stream key field of OBS.
    #[schema(example = "sk_k3v9q2m8w5t7x1c4b6n0z8l2j5h7g3f9")]
    key: String,
    /// Its last four characters, by which it is known from now on.
    #[schema(example = "g3f9")]
    hint: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    created_at: String,
    /// Where to publish with it.
    ingest: Ingest,
}

/// Makes a stream key
///
/// The answer is the only one that holds the secret. A channel has at most twenty that work.
#[utoipa::path(
    post, path = "/api/v1/channels/{slug}/stream-keys", tag = "stream keys", request_body = Request,
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage")),
    responses(
        (status = 201, body = NewStreamKey),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "too_many_keys", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    slug: web::Path<String>,
    body: web::Json<Request>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let channel = managed(&state, &caller, &slug).await?;
    if caller.account.role < Role::Streamer {
        return Err(Error::StreamerRoleRequired);
    }
    let mut fields = Fields::default();
    let Some(label) = fields.check("label", KEY_LABEL.line(&body.label)) else {
        return Err(fields.refusal());
    };
    if state.store.stream_keys().count_active(&channel.id).await? >= i64::from(MAX_KEYS) {
        return Err(Error::TooManyKeys);
    }
    let key = make(
        &state,
        &channel.id,
        label,
        Addresses::of(&request, &state.config).ingest(),
    )
    .await?;
    tracing::info!(
        channel = channel.slug,
        key = key.id,
        hint = key.hint,
        "a stream key was made"
    );
    Ok(HttpResponse::Created().json(key))
}

async fn make(state: &AppState, channel_id: &str, label: String, ingest: Ingest) -> Result<NewStreamKey, Error> {
    let key = random::stream_key()?;
    let new = stream_keys::New {
        id: Uuid::now_v7().simple().to_string(),
        channel_id: channel_id.to_owned(),
        label,
        key_hash: random::fingerprint(key.expose()),
        hint: key.hint().to_owned(),
        created_at: clock::now(),
    };
    state.store.stream_keys().create(&new).await?;
    Ok(NewStreamKey {
        id: new.id,
        label: new.label,
        key: key.expose().to_owned(),
        hint: new.hint,
        created_at: rfc3339(new.created_at),
        ingest,
    })
}
