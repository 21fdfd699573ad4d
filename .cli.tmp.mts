import { main } from '/tmp/w-cmp/tools/cli/main.ts';
await main(process.argv);
