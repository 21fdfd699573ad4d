/** The part of the WebAssembly interface that is needed: the TypeScript library without DOM declares only its types. */

export interface WasmModule {
  readonly brand: 'WebAssembly.Module';
}

/** What a compiled design exports. */
export interface DesignExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly evaluate: () => void;
  /** Runs `count` >= 1 cycles. */
  readonly cycle: (count: number) => void;
}

interface Runtime {
  readonly compile: (binary: Uint8Array) => Promise<WasmModule>;
  readonly Instance: new (module: WasmModule) => { readonly exports: DesignExports };
  readonly RuntimeError: new () => Error;
}

const runtime = (): Runtime => (globalThis as unknown as { readonly WebAssembly: Runtime }).WebAssembly;

export const compileWasm = (binary: Uint8Array): Promise<WasmModule> => runtime().compile(binary);

export function instantiateWasm(module: WasmModule): DesignExports {
  return new (runtime().Instance)(module).exports;
}

/** Whether an error is a trap inside a WebAssembly module. */
export function isTrap(error: unknown): error is Error {
  return error instanceof runtime().RuntimeError;
}
