// Prints what the AsyncAPI parser makes of documents, as one JSON object by file name.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const found = {};
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
  found[file] = {
    version: document?.version() ?? null,
    channels: document?.channels().all().map((channel) => channel.address()) ?? [],
    operations: document?.operations().all().map((operation) => `${operation.action()} ${operation.id()}`) ?? [],
    messages: document?.messages().all().length ?? 0,
    diagnostics: diagnostics.map(({ code, severity, path, message }) => ({
      code, severity, path: path.join("/"), message,
    })),
  };
}
console.log(JSON.stringify(found));
