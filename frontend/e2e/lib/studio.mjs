/** A channel of one's own, made by the API: for measurements, which are not about how it is made. */
import { settings } from './settings.mjs';

/** Signs up, makes a channel and a key; resolves to where to publish and to watch, and to who may do it. */
export async function openChannel() {
  const tag = `${Date.now().toString(36)}${Math.floor(Math.random() * 1_000).toString(36)}`;
  const person = { email: `${tag}@example.org`, password: 'correct horse battery' };
  await ask('accounts', { ...person, display_name: `Person ${tag}` });
  const { token } = await ask('login', person);
  const slug = `show-${tag}`;
  await ask('channels', { slug, title: `Show ${tag}` }, token);
  const { key, ingest } = await ask(`channels/${slug}/stream-keys`, { label: 'measurement' }, token);
  return { slug, server: ingest.rtmp, key, watch: `${settings.url}/watch/${slug}`, person };
}

async function ask(path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${settings.url}/api/v1/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
