-- One observation a request, of one of a hundred services, with the decimals that the simulator sends.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

local bodies, place = {}, 0

function init()
  for i = 1, 1000 do
    bodies[i] = string.format(
      '{"service_id":"service-%d","latency_ms":%.1f,"payload_kb":%.2f}',
      i % 100, math.random() * 100 + 100, math.random() * 3 + 1
    )
  end
end

function request()
  place = place % #bodies + 1
  return wrk.format(nil, "/v1/telemetry", nil, bodies[place])
end

dofile("result.lua")
