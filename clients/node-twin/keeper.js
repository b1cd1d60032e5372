// Runs a command for as long as whoever started this is there. However that one ends, killed
// included, its end of our standard input is closed with it; then the command is told to end.
import { spawn } from "node:child_process";
import process from "node:process";

// Longer than a twin takes to end in peace.
const PATIENCE = 10_000;

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], windowsHide: true });

function end() {
  child.kill();
  setTimeout(() => child.kill("SIGKILL"), PATIENCE).unref();
}

process.stdin.on("end", end).on("error", end).resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);

child.on("exit", (code) => process.exit(code ?? 1));
child.on("error", ({ code, message }) => {
  const missing = `There is no program ${program}: install Guestlist, or name it by "command".`;
  console.error(code === "ENOENT" ? missing : message);
  process.exit(1);
});
