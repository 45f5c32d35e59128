"""The dashboards, and how Grafana finds them."""
