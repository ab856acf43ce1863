"""A Flask application that watches its host and its routes: `flask --app flask_app run`, then GET /drift."""

from flask import Flask, Response, jsonify

from drift_sre import Console
from drift_sre.integrations.flask import DriftSRE

app = Flask(__name__)
drift = DriftSRE(app, notifiers=[Console()])


@app.get("/users/<int:user>")
def user(user: int) -> Response:
    return jsonify(id=user)


@app.get("/drift")
def status() -> Response:
    return jsonify({name: each.as_dict() for name, each in drift.monitor.status().items()})


@drift.monitor.watch("price list")
def read_prices() -> dict:
    return {"tea": 3.5}


@app.get("/prices")
def prices() -> Response:
    return jsonify(read_prices())


if __name__ == "__main__":
    app.run()
