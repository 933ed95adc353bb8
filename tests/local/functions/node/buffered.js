// Handlers of CommonJS that answer in one piece.
exports.echo = async (event, context) => ({
  statusCode: 201,
  multiValueHeaders: { "X-Many": ["one", "two"] },
  body: JSON.stringify({ path: event.path, name: context.functionName, node: process.versions.node.split(".")[0] }),
});

exports.calls = (event, context, callback) => callback(null, { statusCode: 200, body: "called back" });

exports.fails = async () => {
  throw new RangeError("no such thing");
};
