// A photo as it is sent: turned upright, at most 1600 px, JPEG, with the SHA-256 of exactly these bytes.
const LONGEST = 1600;
const THUMB = 160;
const MOST_BYTES = 60 * 1024 * 1024;

/** What was chosen is no picture that this phone can read, or too big; `key` names the sentence. */
export class NoPhoto extends Error {
  constructor(key) { super(key); this.key = key; }
}

async function decoded(file) {
  // A PDF or HEIC that calls itself .jpg is found here: what cannot be decoded is not sent.
  try { return await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { /* older Safari knows no options */ }
  try { return await createImageBitmap(file); } catch { throw new NoPhoto("photoBad"); }
}

function drawn(bitmap, longest) {
  const share = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * share));
  canvas.height = Math.max(1, Math.round(bitmap.height * share));
  const pen = canvas.getContext("2d", { alpha: false });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const jpeg = (canvas, quality) => new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new NoPhoto("photoBad"))), "image/jpeg", quality));

export async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return {blob, sha256, thumb, width, height} of a chosen file. */
export async function prepare(file) {
  if (file.size > MOST_BYTES) throw new NoPhoto("photoBig");
  const bitmap = await decoded(file);
  try {
    const canvas = drawn(bitmap, LONGEST);
    const small = drawn(canvas, THUMB);
    const [blob, thumb] = [await jpeg(canvas, 0.82), small.toDataURL("image/jpeg", 0.7)];
    const { width, height } = canvas;
    canvas.width = small.width = 0;  // phones give the memory back only then
    return { blob, sha256: await sha256(blob), thumb, width, height };
  } finally { bitmap.close(); }
}

/** The same of a canvas that was drawn on, for signatures. */
export async function fromCanvas(canvas) {
  const blob = await jpeg(drawn(canvas, LONGEST), 0.85);
  return { blob, sha256: await sha256(blob), thumb: drawn(canvas, THUMB).toDataURL("image/jpeg", 0.7) };
}
