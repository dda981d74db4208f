import {fibonacciInFengari, fibonacciInWasmoon} from '../peers/npm/fibonacci.mjs';
import {cpuBoundRow} from '../support/cpu-bound.mjs';
import {measurePeer} from '../support/peers.mjs';

export const row = cpuBoundRow({
  title: 'fib(30) in a goroutine',
  program: 'fib',
  async others({gopherLua}) {
    const gopher = measurePeer(gopherLua, ['fib', '1']);
    return {'gopher-lua': gopher && gopher / 1000, wasmoon: await fibonacciInWasmoon(), fengari: fibonacciInFengari()};
  },
});
