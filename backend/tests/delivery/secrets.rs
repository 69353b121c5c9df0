//! What nobody may find written down: the bucket's secret, signatures, players' tokens.

use std::fs;

use sluice_testkit::s3::{SECRET_KEY, Trouble};

use crate::world::{MISSING, NAME, PATH, WITH_TOKEN, World};

#[tokio::test]
async fn no_signature_and_no_secret_is_written_anywhere_whatever_happens() {
    for mode in ["proxy", "redirect"] {
        let mut world = World::built(|builder| builder.env("SEGMENT_DELIVERY", mode).env("LOG_LEVEL", "debug")).await;
        for trouble in [
            None,
            Some(Trouble::Busy),
            Some(Trouble::Away),
            Some(Trouble::Truncated),
            Some(Trouble::ErrorInSuccess),
            Some(Trouble::Silent),
        ] {
            world.plan(move |_| trouble);
            for path in [
                PATH.replace(NAME, MISSING),
                WITH_TOKEN.replace(NAME, MISSING),
                PATH.to_owned(),
            ] {
                for api in [world.stack.api(), world.stack.backend_api()] {
                    drop(
                        api.request(reqwest::Method::GET, &path)
                            .send()
                            .await
                            .map(|answer| answer.bytes()),
                    );
                }
            }
        }
        world.gone();
        drop(world.stack.api().get(&PATH.replace(NAME, MISSING)).await);
        world.stack.stop_nginx();
        world.stack.stop_backend();
        for file in world.stack.files() {
            let bytes = fs::read(&file).unwrap();
            for secret in [SECRET_KEY, "X-Amz-Signature", "X-Amz-Credential", "~a.B_c-9"] {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "{mode}: {secret} in {}", file.display());
            }
        }
    }
}
