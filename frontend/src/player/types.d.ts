// Builds that ship without declarations: the light engine, and the shell without its own HLS.
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}

declare module 'video.js/core.es.js' {
  import videojs from 'video.js';
  export default videojs;
}
