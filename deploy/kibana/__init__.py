"""What Kibana shows of Rasid: data views, searches, charts, dashboards; and how they get there."""
