// Runs a TFLite network with tfjs-tflite's WebAssembly (the interpreter with its XNNPACK delegate), outside a browser.
// usage: node record-tfjs.cjs NETWORK.tflite INPUTS OUTPUTS, in a folder with @tensorflow/tfjs-tflite 0.0.1-alpha.10 installed.
// INPUTS holds raw inputs, one inference after another; OUTPUTS gets the raw first outputs.
const fs = require('fs'), path = require('path'), vm = require('vm');
const dir = path.join(process.cwd(), 'node_modules/@tensorflow/tfjs-tflite/wasm/');
const [model, inputFile, outputFile] = process.argv.slice(2);
// The browser that the package's loader looks for.
globalThis.self = globalThis; globalThis.window = globalThis;
globalThis.exports = {}; globalThis.location = { href: 'http://x/', origin: 'http://x' };
const local = (u) => String(u).replace('http://x', '').replace('file://', '').replace('_threaded', '');
globalThis.fetch = async (u) => { const b = fs.readFileSync(path.join(dir, path.basename(local(u)))); return { ok: true, status: 200, arrayBuffer: async () => b.buffer.slice(b.byteOffset, b.byteOffset + b.length), headers: new Map(), body: null }; };
globalThis.document = { currentScript: null, baseURI: 'http://x/', createElement: () => { const e = { setAttribute(k, v) { if (k === 'src') { vm.runInThisContext(fs.readFileSync(local(v), 'utf8')); setTimeout(() => e.onload(), 0); } } }; return e; }, head: { appendChild() {}, removeChild() {} } };
vm.runInThisContext(fs.readFileSync(dir + 'tflite_web_api_client.js', 'utf8'));
(async () => {
  const tf = globalThis.tfweb;
  tf.tflite_web_api.setWasmPath('http://x' + dir);
  const b = fs.readFileSync(model);
  const runner = await tf.TFLiteWebModelRunner.create(b.buffer.slice(b.byteOffset, b.byteOffset + b.length), { numThreads: 1 });
  const [input] = runner.getInputs(), [output] = runner.getOutputs();
  const inputs = fs.readFileSync(inputFile), results = [];
  const size = input.data().length;
  for (let at = 0; at < inputs.length; at += size) {
    const values = input.data();
    new Uint8Array(values.buffer, values.byteOffset, size).set(inputs.subarray(at, at + size));
    if (!runner.infer()) throw new Error('infer');
    const made = output.data();
    results.push(Buffer.from(made.buffer.slice(made.byteOffset, made.byteOffset + made.length)));
  }
  fs.writeFileSync(outputFile, Buffer.concat(results));
})().catch((e) => { console.error('ERR', e); process.exit(1); });
