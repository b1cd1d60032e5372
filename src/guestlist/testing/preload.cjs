// Loaded by Node before a program: its connections to api.mailersend.com:443 go to the twin.
// Node's fetch, which MailerSend's SDK asks through, heeds HTTPS_PROXY only from 22.21 and 24 on.
"use strict";

const tls = require("node:tls");
const { syncBuiltinESMExports } = require("node:module");

const HOST = "api.mailersend.com";
const address = process.env.GUESTLIST_TWIN_TLS_URL;

if (address) {
  const twin = new URL(address);
  const { connect } = tls;

  // As the three ways of tls.connect have it: (options), (port, host, options) and (path, options).
  const asked = (given) => {
    const options = Object.assign({}, ...given.filter((one) => typeof one === "object"));
    if (typeof given[0] !== "object") options.port = given[0];
    if (typeof given[1] === "string") options.host = given[1];
    return options;
  };

  tls.connect = (...given) => {
    const options = asked(given);
    // With a socket there is a tunnel already, through a proxy.
    const isMeant =
      !options.socket &&
      String(options.host).toLowerCase() === HOST &&
      Number(options.port) === 443;
    if (!isMeant) return connect(...given);
    const there = { servername: HOST, ...options, host: twin.hostname, port: Number(twin.port) };
    return connect(there, given.find((one) => typeof one === "function"));
  };
  syncBuiltinESMExports();
}
