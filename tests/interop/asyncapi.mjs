// What AsyncAPI's own parser says of a document: one line per complaint, and exit code 1 for an error.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const source = process.argv[2]; // the schemas it refers to lie beside it
const { document, diagnostics } = await new Parser().parse(await readFile(source, "utf8"), { source });
const errors = diagnostics.filter((found) => found.severity === 0);
for (const found of errors) console.error(`${found.path.join(".")}: ${found.message}`);
if (document === undefined || errors.length > 0) process.exit(1);
const messages = document.allMessages().all().map((message) => message.name() ?? message.id());
console.log(JSON.stringify({ channels: document.channels().all().map((channel) => channel.address()), messages }));
