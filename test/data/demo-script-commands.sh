# Part 3: Database State (2 minutes)
ssh -i KEY.pem user@controller.example.com "cd ~/moolai/mooli_orchestrator_package && sudo docker exec moolai-postgres psql -U moolai -d moolai_controller -c 'SELECT organization_id, name, status, is_independent, last_seen FROM organizations ORDER BY created_at DESC;'"

# Part 3: Database State (2 minutes)
ssh -i KEY.pem user@controller.example.com "cd ~/moolai/mooli_orchestrator_package && sudo docker exec moolai-postgres psql -U moolai -d moolai_controller -c 'SELECT orchestrator_id, organization_id, status, health_status, is_independent, last_seen FROM orchestrator_instances ORDER BY last_seen DESC NULLS LAST;'"

# Part 5: Independence Mode Feature (3 minutes)
# Enable independence
curl -X PUT http://controller.example.com/api/v1/internal/orchestrators/org-002/independence \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer fake-dev-token" \
  -d '{
    "is_independent": true,
    "privacy_mode": false
  }'

# Part 5: Independence Mode Feature (3 minutes)
# Disable independence
curl -X PUT http://controller.example.com/api/v1/internal/orchestrators/org-002/independence \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer fake-dev-token" \
  -d '{
    "is_independent": false,
    "privacy_mode": false
  }'

# Part 6: Message System (2 minutes)
curl -X POST http://controller.example.com/api/v1/internal/orchestrators/org-002/messages \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer fake-dev-token" \
  -d '{
    "message_type": "recommendation",
    "content": "Consider enabling caching to improve performance by 40%",
    "metadata": {
      "severity": "medium",
      "category": "performance",
      "estimated_impact": "40% faster response time"
    }
  }'

# Part 6: Message System (2 minutes)
curl -X POST http://controller.example.com/api/v1/internal/orchestrators/org-002/messages \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer fake-dev-token" \
  -d '{
    "message_type": "monitoring",
    "content": "High memory usage detected: 85% of available RAM in use",
    "metadata": {
      "severity": "high",
      "metric": "memory_usage",
      "current_value": "85%",
      "threshold": "80%"
    }
  }'

# Part 6: Message System (2 minutes)
curl -X GET "http://controller.example.com/api/v1/internal/orchestrators/org-002/messages" \
  -H "Authorization: Bearer fake-dev-token" | jq

# Part 6: Message System (2 minutes)
ssh -i KEY.pem user@controller.example.com "cd ~/moolai/mooli_orchestrator_package && sudo docker exec moolai-postgres psql -U moolai -d moolai_controller -c 'SELECT id, orchestrator_id, message_type, content, status, created_at FROM orchestrator_messages ORDER BY created_at DESC LIMIT 5;'"

# Part 10: Creating Organizations (1 minute)
curl -X POST http://controller.example.com/api/v1/internal/orchestrators/register \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer fake-dev-token" \
  -d '{
    "orchestrator_id": "org-005",
    "organization_id": "org-005",
    "name": "Demo Company",
    "location": "us-west-2"
  }'

# Part 11: Live Demo - Full Workflow (2 minutes)
curl -X POST http://controller.example.com/api/v1/internal/orchestrators/register \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer fake-dev-token" \
  -d '{
    "orchestrator_id": "org-demo",
    "organization_id": "org-demo",
    "name": "Demo Organization",
    "location": "live-demo"
  }'

# Part 11: Live Demo - Full Workflow (2 minutes)
ssh -i KEY.pem user@controller.example.com "cd ~/moolai/mooli_orchestrator_package && sudo docker exec moolai-postgres psql -U moolai -d moolai_controller -c 'SELECT orchestrator_id, status, last_seen FROM orchestrator_instances WHERE orchestrator_id = '\''org-demo'\'';'"

# Part 11: Live Demo - Full Workflow (2 minutes)
ssh -i KEY.pem user@controller.example.com "cd ~/moolai/mooli_orchestrator_package && sudo docker exec moolai-postgres psql -U moolai -d moolai_controller -c 'SELECT orchestrator_id, status, last_seen FROM orchestrator_instances WHERE orchestrator_id = '\''org-demo'\'';'"

# Quick Reference Commands
ssh -i KEY.pem user@controller.example.com "cd ~/moolai/mooli_orchestrator_package && sudo docker exec moolai-postgres psql -U moolai -d moolai_controller -c 'SELECT orchestrator_id, status, is_independent, last_seen FROM orchestrator_instances ORDER BY last_seen DESC NULLS LAST;'"

# Quick Reference Commands
# Enable
curl -X PUT http://controller.example.com/api/v1/internal/orchestrators/org-002/independence -H "Content-Type: application/json" -H "Authorization: Bearer fake-dev-token" -d '{"is_independent": true, "privacy_mode": false}'

# Disable
curl -X PUT http://controller.example.com/api/v1/internal/orchestrators/org-002/independence -H "Content-Type: application/json" -H "Authorization: Bearer fake-dev-token" -d '{"is_independent": false, "privacy_mode": false}'

# Quick Reference Commands
curl -X POST http://controller.example.com/api/v1/internal/orchestrators/org-002/messages -H "Content-Type: application/json" -H "Authorization: Bearer fake-dev-token" -d '{"message_type":"recommendation","content":"Enable caching for better performance","metadata":{"severity":"medium"}}'
