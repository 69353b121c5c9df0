// Read by Video.js when its module is evaluated, hence a module of its own that is imported before it.
Object.assign(window, { VIDEOJS_NO_DYNAMIC_STYLE: true });
