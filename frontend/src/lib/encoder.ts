/** The names that encoders and codecs go by on the wire, as people know them. */

/** Encoders call themselves `FMLE/3.0 (compatible; Lavf59.27.100)`; only the last part tells them apart. */
export function encoderName(flashver: string): string {
  const own = /compatible;\s*([^)]+)/.exec(flashver)?.[1]?.trim() ?? flashver.trim();
  if (own.startsWith('Lavf')) return `FFmpeg (${own})`;
  // What librtmp says of itself: OBS, and most encoders that build on it.
  return own.startsWith('FMSc') ? 'OBS or a like encoder' : own;
}

/** `H264 High` is called H.264 High. */
export function codecName(codec: string): string {
  return codec.replace(/^H(26\d)/i, 'H.$1');
}

/** Picture and sound: `H.264 High and AAC`; empty while neither is known. */
export function codecNames(video: string | null, audio: string | null): string {
  return [video, audio]
    .filter((codec) => codec !== null && codec !== '')
    .map((codec) => codecName(codec as string))
    .join(' and ');
}
