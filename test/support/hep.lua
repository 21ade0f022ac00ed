-- A dissector for HEP3 after its specification: the chunks as fields, the payload to Wireshark's own dissectors.
local hep = Proto("hep3", "Homer Encapsulation Protocol")
local f = {
  length = ProtoField.uint16("hep3.length", "Length"),
  family = ProtoField.uint8("hep3.family", "IP family"),
  transport = ProtoField.uint8("hep3.transport", "IP protocol"),
  source = ProtoField.ipv4("hep3.source", "Source"),
  destination = ProtoField.ipv4("hep3.destination", "Destination"),
  source6 = ProtoField.ipv6("hep3.source6", "Source"),
  destination6 = ProtoField.ipv6("hep3.destination6", "Destination"),
  source_port = ProtoField.uint16("hep3.source_port", "Source port"),
  destination_port = ProtoField.uint16("hep3.destination_port", "Destination port"),
  seconds = ProtoField.uint32("hep3.seconds", "Seconds"),
  microseconds = ProtoField.uint32("hep3.microseconds", "Microseconds"),
  protocol = ProtoField.uint8("hep3.protocol", "Protocol"),
  capture_id = ProtoField.uint32("hep3.capture_id", "Capture id"),
  password = ProtoField.string("hep3.password", "Authentication key"),
  correlation = ProtoField.string("hep3.correlation", "Correlation id"),
  node = ProtoField.string("hep3.node", "Node"),
}
hep.fields = f
local malformed = ProtoExpert.new("hep3.malformed", "malformed", expert.group.MALFORMED, expert.severity.ERROR)
hep.experts = { malformed }

local chunks = {
  [1] = f.family, [2] = f.transport, [3] = f.source, [4] = f.destination, [5] = f.source6, [6] = f.destination6,
  [7] = f.source_port, [8] = f.destination_port, [9] = f.seconds, [10] = f.microseconds, [11] = f.protocol,
  [12] = f.capture_id, [14] = f.password, [17] = f.correlation, [19] = f.node,
}

local function dissect(buffer, packet, root)
  if buffer:len() < 6 or buffer(0, 4):string() ~= "HEP3" then return false end
  local tree = root:add(hep, buffer())
  tree:add(f.length, buffer(4, 2))
  if buffer(4, 2):uint() ~= buffer:len() then tree:add_proto_expert_info(malformed) end
  local at, protocol, payload = 6, 0, nil
  while at + 6 <= buffer:len() do
    local kind, length = buffer(at + 2, 2):uint(), buffer(at + 4, 2):uint()
    if length < 6 or at + length > buffer:len() then
      tree:add_proto_expert_info(malformed)
      return true
    end
    if length > 6 then
      local value = buffer(at + 6, length - 6)
      if chunks[kind] then tree:add(chunks[kind], value) end
      if kind == 11 then protocol = value:uint() end
      if kind == 15 then payload = value end
    end
    at = at + length
  end
  packet.cols.protocol = "HEP3"
  local inner = ({ [1] = "sip", [5] = "json" })[protocol]
  if payload and inner then Dissector.get(inner):call(payload:tvb(), packet, root) end
  return true
end

hep:register_heuristic("udp", dissect)
