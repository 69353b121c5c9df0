//! SRS's dialect: JSON callbacks, answered by JSON whose `code` 0 means yes.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Deserialize;
use serde_json::json;

use super::{
    Verdict,
    call::{Call, printable},
    done, play, publish,
};
use crate::{error::Error, http::client::Loopback, ops::metrics, state::AppState};

/// SRS's callback body; fields that Sluice does not use are left out.
#[derive(Debug, Deserialize)]
pub(super) struct Callback {
    action: String,
    #[serde(default)]
    server_id: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    ip: String,
    #[serde(default)]
    stream: String,
}

/// `POST /hooks/srs`: one address for all of SRS's callbacks.
pub async fn handle(_: Loopback, state: web::Data<AppState>, body: web::Bytes) -> Result<HttpResponse, Error> {
    let live = &state.live;
    let Ok(callback) = serde_json::from_slice::<Callback>(&body) else {
        return Ok(answer(StatusCode::BAD_REQUEST, 1));
    };
    let call = callback.call();
    let timer = metrics::HookTimer::start();
    let (hook, verdict) = match callback.action.as_str() {
        "on_publish" => ("publish", publish::decide(live, call).await?),
        "on_play" => ("play", play::decide(live, &call)),
        "on_unpublish" => ("publish_done", done::take(live, call.connection()).await?),
        _ => ("other", Verdict::Accept),
    };
    timer.stop(hook, verdict.label());
    Ok(match verdict {
        Verdict::Accept | Verdict::Rename(_) => answer(StatusCode::OK, 0),
        Verdict::Refuse(refusal) => answer(refusal.status(), 1),
    })
}

impl Callback {
    /// SRS numbers clients by text; a hash of it serves as the number.
    fn call(&self) -> Call {
        Call {
            instance: format!("srs-{}", printable(&self.server_id, 40)),
            client_id: (!self.client_id.is_empty()).then(|| fnv1a(self.client_id.as_bytes())),
            name: self.stream.clone(),
            address: printable(&self.ip, 64),
            encoder: "SRS client".to_owned(),
            is_relay: false,
        }
    }
}

fn answer(status: StatusCode, code: u8) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "code": code }))
}

/// FNV-1a over 63 bits: the same text gives the same number in every run, and it fits a BIGINT.
fn fnv1a(text: &[u8]) -> u64 {
    let hash = text.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 1
}
