//! Objects in a directory: what has left the archive's disk is served from there.

use std::fs;

use sluice_objects::{Key, ObjectStore};
use sluice_testkit::Stack;

use crate::world::{MISSING, NAME, PATH, WITH_TOKEN, media};

#[tokio::test]
async fn what_only_the_directory_of_objects_has_is_served_from_it_with_nginx_or_without() {
    let mut stack = Stack::start().await;
    let objects = ObjectStore::local(stack.config().objects_dir()).unwrap();
    let key = Key::segment("stage", NAME).unwrap();
    let file = stack.dir().join("segment.ts");
    fs::write(&file, media()).unwrap();
    objects.put(&key, &file).await.unwrap();
    for api in [stack.api(), stack.backend_api()] {
        for path in [PATH, WITH_TOKEN] {
            let answer = api.get(path).await.is(200);
            assert!(answer.text.as_bytes() == media());
            assert_eq!(answer.header("content-type"), "video/mp2t");
            assert_eq!(answer.header("cache-control"), "public, max-age=86400, immutable");
            assert_eq!(answer.count("access-control-allow-origin"), 1);
        }
        let problem = api.get(&PATH.replace(NAME, MISSING)).await.is(404).problem();
        assert_eq!(problem.code, "not_found");
    }
    // nginx needs nobody for it.
    stack.kill_backend();
    stack.api().get(PATH).await.is(200);
}
