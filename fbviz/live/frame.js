// A frame, as fbviz/frames.py packs it: a short JSON header, then raw arrays.

const TYPES = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

/** The frame in a buffer: {facts, arrays by name}. Nothing is copied: arrays lie over the buffer's bytes. */
function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const { facts, arrays } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { facts, arrays: Object.fromEntries(arrays.map(([name, type, shape, offset]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [name, nested(new TYPES[type](buffer, 4 + length + offset, size), shape)];
  })) };
}

/** An array of more than one dimension as rows, and rows of rows. */
function nested(flat, [length, ...inner]) {
  if (!inner.length) return flat;
  const size = flat.length / length;
  return Array.from({ length }, (_, i) => nested(flat.subarray(i * size, (i + 1) * size), inner));
}
