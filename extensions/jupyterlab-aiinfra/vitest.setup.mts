/** What browsers have, JupyterLab's modules expect when they are loaded, and jsdom lacks. */
class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

class Drag extends MouseEvent {}

Object.assign(globalThis, { ResizeObserver: Observer, IntersectionObserver: Observer, DragEvent: Drag });

Object.assign(window, {
  matchMedia: (): object => ({ matches: false, addEventListener: () => {}, addListener: () => {} })
});
