// Runs in each frame before anything else of it, and notes when what happens there: milliseconds of the epoch.
//
// mount: something to draw a map in is on the page; drawn: all of it is, on the screen; features: how many it holds.
// One that begins again before it has been still for a while is not drawn yet.
(() => {
  if (window.mapWatch) return;
  const MAPS = '[data-testid="stBidiComponentIsolated"], [data-testid="stDeckGlJsonChart"], iframe';
  const STILL_MS = 1000;
  const now = () => performance.timeOrigin + performance.now();
  const watch = (window.mapWatch = { began: performance.timeOrigin, mount: null, ready: null, drawn: null, features: null });

  const onScreen = (then) => requestAnimationFrame(() => requestAnimationFrame(then));

  // Ours tells of itself.
  window.addEventListener("fieldmap:ready", () => { watch.ready ??= now(); });
  window.addEventListener("fieldmap:idle", (event) => {
    const root = event.composedPath()[0];
    onScreen(() => { if (root.dataset.state === "idle") watch.drawn = now(); });
  });
  const isBusy = () => {
    const host = document.querySelector('[data-testid="stBidiComponentIsolated"]');
    const root = host?.shadowRoot?.querySelector(".field-map");
    return Boolean(root && root.dataset.state !== "idle");
  };

  // deck.gl's own object, which React holds: a chart of Streamlit's tells nothing.
  const deckOf = () => {
    const element = document.querySelector("#deckgl-wrapper, [data-testid='stDeckGlJsonChart'] canvas");
    const name = element && Object.keys(element).find((key) => key.startsWith("__reactFiber$"));
    for (let fiber = name && element[name]; fiber; fiber = fiber.return) {
      for (let hook = fiber.memoizedState; hook && typeof hook === "object" && "memoizedState" in hook; hook = hook.next) {
        const held = Array.isArray(hook.memoizedState) ? hook.memoizedState[0] : hook.memoizedState;
        const deck = held?.deck ?? held?.current?.deck;
        if (deck?.layerManager) return deck;
      }
    }
    return null;
  };
  const deckFeatures = () => {
    const deck = deckOf();
    const layers = deck?.layerManager.getLayers() ?? [];
    if (!layers.length || !layers.every((layer) => layer.isLoaded) || deck.needsRedraw({ clearRedrawFlags: false })) return 0;
    return layers.reduce((sum, layer) => sum + (layer.props.data?.features?.length ?? 0), 0);
  };

  // Leaflet's layers are variables of the frame that folium wrote.
  const leafletFeatures = () => {
    if (window === window.top || document.readyState !== "complete") return 0;
    const name = Object.keys(window).find((key) => /^geo_json_\w+$/.test(key) && window[key]?.getLayers);
    const map = Object.keys(window).find((key) => /^map_\w+$/.test(key) && window[key]?._loaded);
    return name && map ? window[name].getLayers().length : 0;
  };

  const look = () => {
    if (watch.mount === null && window === window.top && document.querySelector(MAPS)) watch.mount = now();
    if (watch.drawn === null) {
      const features = deckFeatures() || leafletFeatures();
      if (features) {
        watch.features = features;
        watch.drawn = now();
        onScreen(() => { watch.drawn = now(); });
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  watch.isStill = () => watch.drawn !== null && !isBusy() && now() - watch.drawn > STILL_MS;
})();
