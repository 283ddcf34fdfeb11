#!/usr/bin/env node
// Starts the binary from the npm package for this platform, with the same arguments, streams and exit code.
// Needs Node.js 18. It downloads nothing.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const { optionalDependencies } = require("../package.json");

function fail(message) {
  console.error(`saki-mcp: ${message}`);
  process.exit(1);
}

function findBinary() {
  const platform = process.platform;
  // Windows on ARM runs programs for x64.
  const cpu = platform === "win32" && process.arch === "arm64" ? "x64" : process.arch;
  const name = Object.keys(optionalDependencies).find((name) => name.endsWith(`-${platform}-${cpu}`));
  if (!name) {
    fail(`there is no package for ${platform} on ${process.arch}. Build saki-mcp from source instead`);
  }
  const program = platform === "win32" ? "saki-mcp.exe" : "saki-mcp";
  try {
    return require.resolve(`${name}/bin/${program}`);
  } catch {
    return fail(
      `the package ${name} is missing. npm leaves it out with --omit=optional, or when node_modules ` +
        `was installed on another platform. Install it: npm install ${name}@${optionalDependencies[name]}`,
    );
  }
}

function start(binary) {
  const child = spawn(binary, process.argv.slice(2), { stdio: "inherit", windowsHide: true });
  child.on("error", (error) => fail(`${binary} cannot be started: ${error.message}`));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exitCode = code;
    }
  });
}

const binary = findBinary();
try {
  fs.accessSync(binary, fs.constants.X_OK);
} catch {
  try {
    // Copying node_modules can lose the run bit.
    fs.chmodSync(binary, 0o755);
  } catch (error) {
    fail(`${binary} is not executable: ${error.message}`);
  }
}
start(binary);
