/** The layers as the reader has put them: order, visibility, opacity. */

import { Echo } from "./echo";
import type { Layer, LayerState } from "./spec";

export class Arrangement {
  private order: string[] = [];
  private readonly chosen = new Map<string, { visible: boolean; opacity: number }>();
  private readonly orderEcho = new Echo();
  private readonly echoes = new Map<string, Echo>();
  private given: Layer[] = [];

  /** Take over what Python changed itself; the rest stays as the reader put it. */
  take(layers: Layer[]): void {
    this.given = layers;
    const order = layers.map((layer) => layer.id);
    if (this.orderEcho.takes(order)) this.order = order;
    for (const { id, visible, opacity } of layers) {
      const echo = this.echoes.get(id) ?? new Echo();
      this.echoes.set(id, echo);
      if (echo.takes([visible, opacity])) this.chosen.set(id, { visible, opacity });
    }
  }

  /** Give the layers in their order, the topmost first. */
  layers(): Layer[] {
    const place = (layer: Layer): number => {
      const found = this.order.indexOf(layer.id);
      return found < 0 ? this.order.length : found;
    };
    return [...this.given]
      .sort((one, two) => place(one) - place(two))
      .map((layer) => ({ ...layer, ...this.chosen.get(layer.id) }));
  }

  change(id: string, change: { visible?: boolean; opacity?: number }): LayerState[] {
    const before = this.chosen.get(id);
    if (before) {
      const after = { ...before, ...change };
      this.chosen.set(id, after);
      this.echoes.get(id)?.send([after.visible, after.opacity]);
    }
    return this.state();
  }

  /** Move a layer by places: up is -1. */
  move(id: string, by: number): LayerState[] {
    const order = this.layers().map((layer) => layer.id);
    const from = order.indexOf(id);
    const to = Math.max(0, Math.min(order.length - 1, from + by));
    order.splice(to, 0, ...order.splice(from, 1));
    this.order = order;
    this.orderEcho.send(order);
    return this.state();
  }

  private state(): LayerState[] {
    return this.layers().map(({ id, visible, opacity }) => ({ id, visible, opacity }));
  }
}
