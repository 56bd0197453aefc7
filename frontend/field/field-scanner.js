// The barcode reader for phones without one of their own; loaded only there.
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";

/** Return a detector like the browser's own; `wasm` is the address of the reader. */
export function makeDetector({ wasm, formats }) {
  prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path) } });
  return new BarcodeDetector({ formats });
}
