#!/usr/bin/env node
// npm links a command when it installs, before anything is built; this file is there by then.
await import('../dist/main.js');
