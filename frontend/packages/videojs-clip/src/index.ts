/** A clip plugin for Video.js 8. See the README beside this folder; enter by `registerClip`. */
export { type ClipClock, type Range, type Recorded, type Segment, segmentsClock } from './clock';
export type { Markers, Which } from './markers';
export type { ClipOptions, Limits, Refusal } from './options';
export { type ClipPlugin, registerClip, type VideoJs } from './plugin';
export { type Storyboard, storyboardOf, type Thumbnail } from './storyboard';
export { apiTransport, type Clip, ClipError, type ClipRequest, type ClipTransport, type Mode } from './transport';
