import { expect, it } from 'vitest';

import { codecNames, encoderName } from './encoder';

it.each([
  ['FMLE/3.0 (compatible; Lavf59.27.100)', 'FFmpeg (Lavf59.27.100)'],
  ['FMLE/3.0 (compatible; Lavf59.27', 'FFmpeg (Lavf59.27)'],
  ['FMLE/3.0 (compatible; FMSc/1.0)', 'OBS or a like encoder'],
  ['FMLE/3.0 (compatible; Larix/1.3)', 'Larix/1.3'],
  ['Wirecast/14', 'Wirecast/14'],
])('calls %j %j', (flashver, name) => expect(encoderName(flashver)).toBe(name));

it.each([
  ['H264', 'AAC', 'H.264 and AAC'],
  ['H.264 High', null, 'H.264 High'],
  [null, '', ''],
])('calls the codecs %j and %j %j', (video, audio, names) => expect(codecNames(video, audio)).toBe(names));
