// Records what tfjs-tflite's WebAssembly computes for quantised TFLite networks, outside a browser.
// usage: node record-tfjs.cjs NETWORK.tflite OUT.json, in a folder with @tensorflow/tfjs-tflite 0.0.1-alpha.10 installed.
// Inputs are drawn by the generator of record.py; the file holds outputs only.
const fs = require('fs'), path = require('path'), vm = require('vm');
const dir = path.join(process.cwd(), 'node_modules/@tensorflow/tfjs-tflite/wasm/');
const [model, outFile] = process.argv.slice(2);
globalThis.self = globalThis; globalThis.window = globalThis;
globalThis.exports = {}; globalThis.location = { href: 'file:///' };
globalThis.fetch = async (u) => { u=String(u); const p = u.replace('file://','').replace('http://x',''); const b = fs.readFileSync(path.join(dir, path.basename(p))); return { ok: true, status:200, arrayBuffer: async () => b.buffer.slice(b.byteOffset, b.byteOffset + b.length), headers: new Map(), body: null }; };
globalThis.importScripts = (u) => vm.runInThisContext(fs.readFileSync(String(u).replace('file://',''), 'utf8'));
const local = (u) => String(u).replace('http://x', '').replace('file://', '');
globalThis.document = { currentScript: null, baseURI: 'http://x/', createElement: () => { const e = { setAttribute(k, v) { if (k === 'src') { vm.runInThisContext(fs.readFileSync(local(v).replace('_threaded', ''), 'utf8')); setTimeout(() => e.onload(), 0); } } }; return e; }, head: { appendChild() {}, removeChild() {} } };
vm.runInThisContext(fs.readFileSync(dir + 'tflite_web_api_client.js', 'utf8'));
(async () => {
  const tf = globalThis.tfweb;
  tf.tflite_web_api.setWasmPath('http://x' + dir); globalThis.location = { href: 'http://x/', origin: 'http://x' };
  const b = fs.readFileSync(model);
  const runner = await tf.TFLiteWebModelRunner.create(b.buffer.slice(b.byteOffset, b.byteOffset + b.length), { numThreads: 1 });
  const ins = runner.getInputs(), outs = runner.getOutputs();
  let state = 12345n; const results = [];
  const signed = ins[0].dataType === 'int8';
  for (let k = 0; k < 4; k++) {
    const buf = ins[0].data();
    for (let i = 0; i < buf.length; i++) { state = (1103515245n * state + 12345n) % 2147483648n; buf[i] = Number((state >> 16n) % 256n) - (signed ? 128 : 0); }
    if (!runner.infer()) throw new Error('infer');
    results.push(Array.from(outs[0].data()));
  }
  fs.writeFileSync(outFile, JSON.stringify({ reference: 'tfjs-tflite 0.0.1-alpha.10', outputs: results }));
})().catch((e) => { console.error('ERR', e); process.exit(1); });
