#!/usr/bin/env node
process.stdout.write('sloth-runner\n');
